"""What is learnt of a store."""

from __future__ import annotations

from cloudtemple_browser.model.traits import OF_CONDITIONS, WORDS, Learnt, Trait


def test_an_observer_hears_of_each_once() -> None:
    learnt, told = Learnt((Trait.BARE_ETAGS,)), list[Trait]()
    learnt.watch(told.append)
    for trait in (Trait.BARE_ETAGS, Trait.ONE_BY_ONE, Trait.ONE_BY_ONE):
        learnt.add(trait)
    assert told == [Trait.ONE_BY_ONE]
    assert Trait.BARE_ETAGS in learnt
    assert Trait.WANTS_BODY_HASH not in learnt


def test_what_was_found_first_about_conditions_counts() -> None:
    learnt = Learnt()
    assert not learnt.about_conditions
    learnt.add(Trait.IGNORES_CONDITIONS)
    learnt.add(Trait.KEEPS_CONDITIONS)
    assert [trait for trait in OF_CONDITIONS if trait in learnt] == [Trait.IGNORES_CONDITIONS]


def test_each_has_words() -> None:
    assert len({str(WORDS[trait]) for trait in Trait}) == len(Trait)
