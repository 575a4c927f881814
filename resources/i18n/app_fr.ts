<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>app</name>
    <message>
        <source>A folder cannot be renamed: its objects would have to be copied one by one.</source>
        <translation>Un dossier ne peut pas être renommé&#xa0;: il faudrait copier ses objets un par un.</translation>
    </message>
    <message>
        <source>Address copied</source>
        <translation>Adresse copiée</translation>
    </message>
    <message>
        <source>Cancelled: {done} of {total}</source>
        <translation>Annulé. {done} sur {total}</translation>
    </message>
    <message>
        <source>Cancelled: {name} keeps its name</source>
        <translation>Annulé&#xa0;: {name} garde son nom</translation>
    </message>
    <message>
        <source>Counting the objects of the selection</source>
        <translation>Comptage des objets de la sélection</translation>
    </message>
    <message>
        <source>Counting what is in {name}</source>
        <translation>Comptage du contenu de {name}</translation>
    </message>
    <message>
        <source>Demo store</source>
        <translation>Stockage de démonstration</translation>
    </message>
    <message>
        <source>Export cancelled: no file was written</source>
        <translation>Exportation annulée&#xa0;: aucun fichier n’a été écrit</translation>
    </message>
    <message>
        <source>Exporting {n} row</source>
        <translation>Exportation de {n} ligne</translation>
    </message>
    <message>
        <source>Exporting {n} rows</source>
        <translation>Exportation de {n} lignes</translation>
    </message>
    <message>
        <source>Filling the demo store</source>
        <translation>Remplissage du stockage de démonstration</translation>
    </message>
    <message>
        <source>Looking for files of the same name</source>
        <translation>Recherche de fichiers du même nom</translation>
    </message>
    <message>
        <source>Looking for objects of the same name</source>
        <translation>Recherche d’objets du même nom</translation>
    </message>
    <message>
        <source>Making objects private</source>
        <translation>Retrait de l’accès public aux objets</translation>
    </message>
    <message>
        <source>Making objects public</source>
        <translation>Ouverture des objets à l’accès public</translation>
    </message>
    <message>
        <source>Nothing was deleted</source>
        <translation>Rien n’a été supprimé</translation>
    </message>
    <message>
        <source>Nothing was done</source>
        <translation>Rien n’a été fait</translation>
    </message>
    <message>
        <source>Nothing was made private</source>
        <translation>Rien n’a été rendu privé</translation>
    </message>
    <message>
        <source>Nothing was made public</source>
        <translation>Rien n’a été rendu public</translation>
    </message>
    <message>
        <source>Only a bucket that was added by name can be removed from the list.</source>
        <translation>Seul un bucket ajouté par son nom peut être retiré de la liste.</translation>
    </message>
    <message>
        <source>Pre-signed URL copied</source>
        <translation>URL pré-signée copiée</translation>
    </message>
    <message>
        <source>Renaming {name}</source>
        <translation>Renommage de {name}</translation>
    </message>
    <message>
        <source>Starting the demo store</source>
        <translation>Démarrage du stockage de démonstration</translation>
    </message>
    <message>
        <source>Storing {name}</source>
        <translation>Enregistrement&#xa0;: {name}</translation>
    </message>
    <message>
        <source>The bucket {name} is deleted</source>
        <translation>Le bucket {name} est supprimé</translation>
    </message>
    <message>
        <source>The clipboard holds neither files nor text.</source>
        <translation>Le presse-papiers ne contient ni fichiers ni texte.</translation>
    </message>
    <message>
        <source>The connection {name} was removed</source>
        <translation>La connexion {name} est oubliée</translation>
    </message>
    <message>
        <source>The connection {name} was removed, but its secret key is still in the keyring</source>
        <translation>La connexion {name} est oubliée, mais sa clé secrète est toujours dans le trousseau</translation>
    </message>
    <message>
        <source>The earlier secret key of {name} is still in the keyring</source>
        <translation>L’ancienne clé secrète de {name} est toujours dans le trousseau</translation>
    </message>
    <message>
        <source>The list was not exported: {why}</source>
        <translation>La liste n’a pas été exportée&#xa0;: {why}</translation>
    </message>
    <message>
        <source>The saved connections could not be read</source>
        <translation>Les connexions enregistrées n’ont pas pu être lues</translation>
    </message>
    <message>
        <source>Too many folders are selected to be counted one by one. Select none to count all below here.</source>
        <translation>Trop de dossiers sont sélectionnés pour être comptés un à un. N’en sélectionnez aucun pour compter tout le contenu.</translation>
    </message>
    <message>
        <source>Transfers cannot be kept on the disk: they end with this window</source>
        <translation>Les transferts ne peuvent pas être conservés sur le disque&#xa0;: ils prennent fin avec cette fenêtre</translation>
    </message>
    <message>
        <source>URL copied.</source>
        <translation>URL copiée.</translation>
    </message>
    <message>
        <source>Waiting for the keyring</source>
        <translation>En attente du trousseau</translation>
    </message>
    <message>
        <source>it was still loading</source>
        <translation>elle était encore en cours de chargement</translation>
    </message>
    <message>
        <source>you stopped it</source>
        <translation>vous l’avez arrêtée</translation>
    </message>
    <message>
        <source>{copied}</source>
        <translation>{copied}</translation>
    </message>
    <message>
        <source>{copied} Browsers may change a URL with . or .. in it: share a pre-signed URL or rename the object.</source>
        <translation>{copied} Les navigateurs peuvent modifier une URL qui contient «&#xa0;.&#xa0;» ou «&#xa0;..&#xa0;»&#xa0;: partagez une URL pré-signée ou renommez l’objet.</translation>
    </message>
    <message>
        <source>{copied} It opens only for objects that are public.</source>
        <translation>{copied} Elle ne fonctionne que pour un objet public.</translation>
    </message>
    <message>
        <source>{copied}. Anyone who has it can read until {end}, from addresses that the bucket allows.</source>
        <translation>{copied}. Toute personne qui la possède peut lire, depuis les adresses que le bucket autorise. Échéance&#xa0;: {end}.</translation>
    </message>
    <message>
        <source>{count} private</source>
        <translation>Accès public retiré&#xa0;: {count}</translation>
    </message>
    <message>
        <source>{count} public</source>
        <translation>Accès public ouvert&#xa0;: {count}</translation>
    </message>
    <message>
        <source>{done}, but it could not be checked whether it is public</source>
        <translation>{done}, mais son accès public n’a pas pu être vérifié</translation>
    </message>
    <message>
        <source>{done}, but not public</source>
        <translation>{done}, mais sans accès public</translation>
    </message>
    <message>
        <source>{done}. The URL is on the clipboard.</source>
        <translation>{done}. L’URL est dans le presse-papiers.</translation>
    </message>
    <message>
        <source>{done}. The list was not complete: {why}.</source>
        <translation>{done}. La liste n’était pas complète&#xa0;: {why}.</translation>
    </message>
    <message>
        <source>{done}. {why}: {entries}.</source>
        <translation>{done}. {why}&#xa0;: {entries}.</translation>
    </message>
    <message>
        <source>{name} cannot be renamed: its access list names others, whom a copy would not know.</source>
        <translation>{name} ne peut pas être renommé&#xa0;: sa liste d’accès nomme d’autres personnes, qu’une copie ne connaîtrait pas.</translation>
    </message>
    <message>
        <source>{name} failed</source>
        <translation>{name} a échoué</translation>
    </message>
    <message>
        <source>{name} has {size}: the store copies up to {limit}. Download it and upload it under its new name.</source>
        <translation>{name} fait {size}&#xa0;: le stockage copie jusqu’à {limit}. Téléchargez-le puis envoyez-le sous son nouveau nom.</translation>
    </message>
    <message>
        <source>{name} is stored</source>
        <translation>{name} est enregistré</translation>
    </message>
    <message>
        <source>{name} was not renamed</source>
        <translation>{name} n’a pas été renommé</translation>
    </message>
    <message>
        <source>{n} URLs copied.</source>
        <translation>{n} URL copiées.</translation>
    </message>
    <message>
        <source>{n} addresses copied</source>
        <translation>{n} adresses copiées</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n} pre-signed URLs copied</source>
        <translation>{n} URL pré-signées copiées</translation>
    </message>
    <message>
        <source>{n} row</source>
        <translation>{n} ligne</translation>
    </message>
    <message>
        <source>{n} rows</source>
        <translation>{n} lignes</translation>
    </message>
    <message>
        <source>{n} selected row</source>
        <translation>{n} ligne sélectionnée</translation>
    </message>
    <message>
        <source>{n} selected rows</source>
        <translation>{n} lignes sélectionnées</translation>
    </message>
    <message>
        <source>{old} is now {new}</source>
        <translation>{old} s’appelle maintenant {new}</translation>
    </message>
    <message>
        <source>{old} is still there: only its copy {new} was made</source>
        <translation>{old} est toujours là&#xa0;: seule sa copie {new} a été faite</translation>
    </message>
    <message>
        <source>{rows} exported to {name}</source>
        <translation>{rows}&#xa0;: exportation terminée dans {name}</translation>
    </message>
    <message>
        <source>{undone}: {why}</source>
        <translation>{undone}&#xa0;: {why}</translation>
    </message>
    <message>
        <source>{undone}: {why} ({name})</source>
        <translation>{undone}&#xa0;: {why} ({name})</translation>
    </message>
    <message>
        <source>{what}</source>
        <translation>{what}</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message>
        <source>About Cloud Temple Browser</source>
        <translation>À propos de Cloud Temple Browser</translation>
    </message>
    <message>
        <source>Add bucket by name…</source>
        <translation>Ajouter un bucket par son nom…</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Précédent</translation>
    </message>
    <message>
        <source>Calculate size</source>
        <translation>Calculer la taille</translation>
    </message>
    <message>
        <source>Clear finished transfers</source>
        <translation>Effacer les transferts terminés</translation>
    </message>
    <message>
        <source>Copy files</source>
        <translation>Copier les fichiers</translation>
    </message>
    <message>
        <source>Copy pre-signed URL…</source>
        <translation>Copier une URL pré-signée…</translation>
    </message>
    <message>
        <source>Copy public URL</source>
        <translation>Copier l’URL publique</translation>
    </message>
    <message>
        <source>Copy s3:// address</source>
        <translation>Copier l’adresse s3://</translation>
    </message>
    <message>
        <source>Delete bucket…</source>
        <translation>Supprimer le bucket…</translation>
    </message>
    <message>
        <source>Delete connection…</source>
        <translation>Supprimer la connexion…</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Supprimer…</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>Télécharger…</translation>
    </message>
    <message>
        <source>Duplicate connection…</source>
        <translation>Dupliquer la connexion…</translation>
    </message>
    <message>
        <source>Edit connection…</source>
        <translation>Modifier la connexion…</translation>
    </message>
    <message>
        <source>Edit location</source>
        <translation>Saisir un emplacement</translation>
    </message>
    <message>
        <source>Export list…</source>
        <translation>Exporter la liste…</translation>
    </message>
    <message>
        <source>Filter the list</source>
        <translation>Filtrer la liste</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Suivant</translation>
    </message>
    <message>
        <source>Inspector and preview</source>
        <translation>Inspecteur et aperçu</translation>
    </message>
    <message>
        <source>Invert selection</source>
        <translation>Inverser la sélection</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Commandes et raccourcis</translation>
    </message>
    <message>
        <source>Make private…</source>
        <translation>Rendre privé…</translation>
    </message>
    <message>
        <source>Make public…</source>
        <translation>Rendre public…</translation>
    </message>
    <message>
        <source>New bucket…</source>
        <translation>Nouveau bucket…</translation>
    </message>
    <message>
        <source>New connection…</source>
        <translation>Nouvelle connexion…</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Nouveau dossier…</translation>
    </message>
    <message>
        <source>New object from text…</source>
        <translation>Nouvel objet à partir d’un texte…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Ouvrir</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Ouvrir le dossier du journal</translation>
    </message>
    <message>
        <source>Paste files or text</source>
        <translation>Coller des fichiers ou du texte</translation>
    </message>
    <message>
        <source>Pause all transfers</source>
        <translation>Suspendre tous les transferts</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Actualiser</translation>
    </message>
    <message>
        <source>Remove bucket from the list</source>
        <translation>Retirer le bucket de la liste</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Renommer…</translation>
    </message>
    <message>
        <source>Resume all transfers</source>
        <translation>Reprendre tous les transferts</translation>
    </message>
    <message>
        <source>Search below here…</source>
        <translation>Rechercher ci-dessous…</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Tout sélectionner</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Préférences…</translation>
    </message>
    <message>
        <source>Show everything below</source>
        <translation>Afficher tout le contenu</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>Afficher dans son dossier</translation>
    </message>
    <message>
        <source>Sidebar</source>
        <translation>Barre latérale</translation>
    </message>
    <message>
        <source>Stop listing</source>
        <translation>Arrêter le chargement de la liste</translation>
    </message>
    <message>
        <source>Storage view</source>
        <translation>Vue du stockage</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transferts</translation>
    </message>
    <message>
        <source>Try the demo store</source>
        <translation>Essayer le stockage de démonstration</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Remonter</translation>
    </message>
    <message>
        <source>Upload files…</source>
        <translation>Téléverser des fichiers…</translation>
    </message>
    <message>
        <source>Upload folder…</source>
        <translation>Téléverser un dossier…</translation>
    </message>
</context>
<context>
    <name>conflicts</name>
    <message>
        <source>&amp;Overwrite</source>
        <translation>É&amp;craser</translation>
    </message>
    <message>
        <source>&amp;Rename</source>
        <translation>Re&amp;nommer</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>&amp;Ignorer</translation>
    </message>
    <message>
        <source>As chosen below</source>
        <translation>Au choix, ci-dessous</translation>
    </message>
    <message>
        <source>Click, or press the space bar, for another choice</source>
        <translation>Cliquez, ou appuyez sur la barre d’espace, pour un autre choix</translation>
    </message>
    <message>
        <source>Compare contents ({size})</source>
        <translation>Comparer les contenus ({size})</translation>
    </message>
    <message>
        <source>Download and replace {n}</source>
        <translation>Télécharger et remplacer {n}</translation>
    </message>
    <message>
        <source>Existing</source>
        <translation>Existant</translation>
    </message>
    <message>
        <source>For all:</source>
        <translation>Pour tous&#xa0;:</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Nouveau</translation>
    </message>
    <message>
        <source>Overwrite</source>
        <translation>Écraser</translation>
    </message>
    <message>
        <source>Overwrite only where the contents differ</source>
        <translation>Écraser seulement si les contenus diffèrent</translation>
    </message>
    <message>
        <source>Overwrite only where the new one is newer</source>
        <translation>Écraser seulement si le nouveau est plus récent</translation>
    </message>
    <message>
        <source>Overwrite what exists</source>
        <translation>Écraser ce qui existe</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
    <message>
        <source>Rename: the new one gets a number, like name (2).txt</source>
        <translation>Renommer&#xa0;: le nouveau reçoit un numéro, comme nom (2).txt</translation>
    </message>
    <message>
        <source>Selected rows:</source>
        <translation>Lignes sélectionnées&#xa0;:</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Ignorer</translation>
    </message>
    <message>
        <source>Skip what exists</source>
        <translation>Ignorer ce qui existe</translation>
    </message>
    <message>
        <source>Stop comparing ({n} left)</source>
        <translation>Arrêter la comparaison (reste {n})</translation>
    </message>
    <message>
        <source>The new one is</source>
        <translation>Le nouveau est</translation>
    </message>
    <message>
        <source>This key may not see all that exists there: other objects of the same names are replaced.</source>
        <translation>Cette clé ne peut pas voir tout ce qui y existe&#xa0;: les autres objets de mêmes noms sont remplacés.</translation>
    </message>
    <message>
        <source>Upload and replace {n}</source>
        <translation>Téléverser et remplacer {n}</translation>
    </message>
    <message>
        <source>What exists already</source>
        <translation>Ce qui existe déjà</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Ce qui se passe</translation>
    </message>
    <message>
        <source>What happens to all of them</source>
        <translation>Ce qui se passe pour tous</translation>
    </message>
    <message>
        <source>larger</source>
        <translation>plus gros</translation>
    </message>
    <message>
        <source>newer</source>
        <translation>plus récent</translation>
    </message>
    <message>
        <source>of another kind</source>
        <translation>d’une autre nature</translation>
    </message>
    <message>
        <source>older</source>
        <translation>plus ancien</translation>
    </message>
    <message>
        <source>other content</source>
        <translation>de contenu différent</translation>
    </message>
    <message>
        <source>same content</source>
        <translation>de même contenu</translation>
    </message>
    <message>
        <source>same size</source>
        <translation>de même taille</translation>
    </message>
    <message>
        <source>smaller</source>
        <translation>plus petit</translation>
    </message>
    <message>
        <source>{n} file exists already in {folder}</source>
        <translation>{n} fichier existe déjà dans {folder}</translation>
    </message>
    <message>
        <source>{n} files exist already in {folder}</source>
        <translation>{n} fichiers existent déjà dans {folder}</translation>
    </message>
    <message>
        <source>{n} object exists there already:</source>
        <translation>{n} objet y existe déjà&#xa0;:</translation>
    </message>
    <message>
        <source>{n} objects exist there already:</source>
        <translation>{n} objets y existent déjà&#xa0;:</translation>
    </message>
    <message>
        <source>{replaced} will be replaced, {skipped} skipped, {renamed} renamed</source>
        <translation>À remplacer&#xa0;: {replaced}, à ignorer&#xa0;: {skipped}, à renommer&#xa0;: {renamed}</translation>
    </message>
</context>
<context>
    <name>connection</name>
    <message>
        <source>&amp;Access key</source>
        <translation>Clé d’&amp;accès</translation>
    </message>
    <message>
        <source>&amp;Bucket (optional)</source>
        <translation>&amp;Bucket (facultatif)</translation>
    </message>
    <message>
        <source>&amp;CA bundle</source>
        <translation>Certificats &amp;CA</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Nom</translation>
    </message>
    <message>
        <source>&amp;Prefix (optional)</source>
        <translation>&amp;Préfixe (facultatif)</translation>
    </message>
    <message>
        <source>&amp;Region</source>
        <translation>&amp;Région</translation>
    </message>
    <message>
        <source>A prefix needs a bucket.</source>
        <translation>Un préfixe exige un bucket.</translation>
    </message>
    <message>
        <source>A secret key has no spaces or accents. Copy it again.</source>
        <translation>Une clé secrète ne contient ni espaces ni accents. Copiez-la de nouveau.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Addressin&amp;g</source>
        <translation>Adressa&amp;ge</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Options avancées</translation>
    </message>
    <message>
        <source>Allow http:// (unencrypted) for this connection</source>
        <translation>Autoriser http:// (non chiffré) pour cette connexion</translation>
    </message>
    <message>
        <source>An access key has no spaces or accents. Copy it again.</source>
        <translation>Une clé d’accès ne contient ni espaces ni accents. Copiez-la de nouveau.</translation>
    </message>
    <message>
        <source>Choose a CA bundle</source>
        <translation>Choisir un fichier de certificats CA</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Choisir…</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Horloge</translation>
    </message>
    <message>
        <source>Cloud Temple endpoint: {url}</source>
        <translation>Endpoint Cloud Temple&#xa0;: {url}</translation>
    </message>
    <message>
        <source>Cloud Temple’s store is used with https:// only.</source>
        <translation>Le stockage de Cloud Temple ne s’utilise qu’avec https://.</translation>
    </message>
    <message>
        <source>Co&amp;lour</source>
        <translation>Cou&amp;leur</translation>
    </message>
    <message>
        <source>Colour {n}</source>
        <translation>Couleur {n}</translation>
    </message>
    <message>
        <source>Edit connection</source>
        <translation>Modifier la connexion</translation>
    </message>
    <message>
        <source>Endpoint: {url}</source>
        <translation>Endpoint&#xa0;: {url}</translation>
    </message>
    <message>
        <source>For a key that may use one bucket and not list all of them.</source>
        <translation>Pour une clé qui donne accès à un bucket sans pouvoir les lister tous.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Oublier</translation>
    </message>
    <message>
        <source>Give the connection a name.</source>
        <translation>Donnez un nom à la connexion.</translation>
    </message>
    <message>
        <source>Keep the secret key for this session only</source>
        <translation>Garder la clé secrète pour cette session seulement</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Learnt about it</source>
        <translation>Constaté à l’usage</translation>
    </message>
    <message>
        <source>Leave empty to keep the saved secret key.</source>
        <translation>Laissez vide pour garder la clé secrète enregistrée.</translation>
    </message>
    <message>
        <source>List</source>
        <translation>Liste</translation>
    </message>
    <message>
        <source>Name&amp;space or endpoint</source>
        <translation>Name&amp;space ou endpoint</translation>
    </message>
    <message>
        <source>New connection</source>
        <translation>Nouvelle connexion</translation>
    </message>
    <message>
        <source>No usable keyring was found on this computer. The secret key is kept in memory until the program ends, never in a file.</source>
        <translation>Aucun trousseau utilisable n’a été trouvé sur cet ordinateur. La clé secrète est gardée en mémoire jusqu’à la fermeture du programme, jamais dans un fichier.</translation>
    </message>
    <message>
        <source>Once saved, it is found out anew.</source>
        <translation>Une fois enregistré, cela sera constaté à nouveau.</translation>
    </message>
    <message>
        <source>Path: endpoint/bucket/key (recommended)</source>
        <translation>Chemin&#xa0;: endpoint/bucket/clé (recommandé)</translation>
    </message>
    <message>
        <source>Pro&amp;xy</source>
        <translation>Pro&amp;xy</translation>
    </message>
    <message>
        <source>S&amp;ignature</source>
        <translation>S&amp;ignature</translation>
    </message>
    <message>
        <source>Save and open</source>
        <translation>Enregistrer et ouvrir</translation>
    </message>
    <message>
        <source>Secre&amp;t key</source>
        <translation>Clé secrè&amp;te</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Tester</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Test en cours…</translation>
    </message>
    <message>
        <source>The console shows the namespace in the details of a bucket. The URL of any S3 store works too.</source>
        <translation>La console affiche le namespace dans les détails d’un bucket. L’URL de tout autre stockage S3 convient aussi.</translation>
    </message>
    <message>
        <source>The console shows the secret key only once, when the key is made.</source>
        <translation>La console n’affiche la clé secrète qu’une seule fois, à la création de la clé.</translation>
    </message>
    <message>
        <source>The keyring does not answer at the moment. It is asked again when you save; until it answers, the secret key can be kept for this session only.</source>
        <translation>Le trousseau ne répond pas pour l’instant. Il est interrogé à nouveau à l’enregistrement&#xa0;; tant qu’il ne répond pas, la clé secrète peut être gardée pour cette session seulement.</translation>
    </message>
    <message>
        <source>The region is one word, for example fr1.</source>
        <translation>La région s’écrit en un mot, par exemple fr1.</translation>
    </message>
    <message>
        <source>The secret key is kept in memory until the program ends, never in a file.</source>
        <translation>La clé secrète est gardée en mémoire jusqu’à la fermeture du programme, jamais dans un fichier.</translation>
    </message>
    <message>
        <source>The secret key is kept in {name} and nowhere else.</source>
        <translation>La clé secrète est conservée dans {name}, et nulle part ailleurs.</translation>
    </message>
    <message>
        <source>The secret key is kept in {name}, which will ask to be unlocked.</source>
        <translation>La clé secrète est conservée dans {name}, qu’il vous sera demandé de déverrouiller.</translation>
    </message>
    <message>
        <source>The store has changed: find out anew what it is like.</source>
        <translation>Le stockage a changé&#xa0;: constater à nouveau comment il se comporte.</translation>
    </message>
    <message>
        <source>This cannot be the name of a bucket.</source>
        <translation>Ceci ne peut pas être le nom d’un bucket.</translation>
    </message>
    <message>
        <source>This is neither a namespace (letters, digits, hyphens) nor the URL of an endpoint.</source>
        <translation>Ce n’est ni un namespace (lettres, chiffres, traits d’union) ni l’URL d’un endpoint.</translation>
    </message>
    <message>
        <source>This is the access key again: paste the secret key here.</source>
        <translation>C’est encore la clé d’accès&#xa0;: collez ici la clé secrète.</translation>
    </message>
    <message>
        <source>Type the access key.</source>
        <translation>Saisissez la clé d’accès.</translation>
    </message>
    <message>
        <source>Type the namespace, or paste the endpoint’s URL.</source>
        <translation>Saisissez le namespace ou collez l’URL de l’endpoint.</translation>
    </message>
    <message>
        <source>Type the proxy as http://host:port, without a user name or password.</source>
        <translation>Saisissez le proxy sous la forme http://hôte:port, sans nom d’utilisateur ni mot de passe.</translation>
    </message>
    <message>
        <source>Type the secret key.</source>
        <translation>Saisissez la clé secrète.</translation>
    </message>
    <message>
        <source>V2</source>
        <translation>V2</translation>
    </message>
    <message>
        <source>V4 (recommended)</source>
        <translation>V4 (recommandée)</translation>
    </message>
    <message>
        <source>V4 to list, V2 for data</source>
        <translation>V4 pour lister, V2 pour les données</translation>
    </message>
    <message>
        <source>Virtual-hosted: bucket.endpoint/key</source>
        <translation>Hôte virtuel&#xa0;: bucket.endpoint/clé</translation>
    </message>
    <message>
        <source>a PEM file, besides the system’s authorities</source>
        <translation>fichier PEM, en plus des autorités du système</translation>
    </message>
    <message>
        <source>folder/ where the connection opens</source>
        <translation>dossier/ affiché à l’ouverture</translation>
    </message>
    <message>
        <source>for example Production</source>
        <translation>par exemple Production</translation>
    </message>
    <message>
        <source>http:// sends your data unencrypted. Use https://, or allow it below under Advanced.</source>
        <translation>http:// envoie vos données sans chiffrement. Utilisez https://, ou autorisez-le plus bas dans les options avancées.</translation>
    </message>
    <message>
        <source>http://host:port; empty for the system’s</source>
        <translation>http://hôte:port&#xa0;; vide&#xa0;: celui du système</translation>
    </message>
    <message>
        <source>my-namespace, or https://s3.example.com</source>
        <translation>mon-namespace, ou https://s3.example.com</translation>
    </message>
    <message>
        <source>{name} (copy)</source>
        <translation>{name} (copie)</translation>
    </message>
</context>
<context>
    <name>credentials</name>
    <message>
        <source>It did not keep the secret key as it was given.</source>
        <translation>il n’a pas conservé la clé secrète telle quelle.</translation>
    </message>
    <message>
        <source>It keeps secrets of at most {limit} characters, and this one has {length}.</source>
        <translation>il accepte des secrets de {limit} caractères au plus, et celui-ci en compte {length}.</translation>
    </message>
</context>
<context>
    <name>demo</name>
    <message>
        <source>it did not get ready in time.</source>
        <translation>il n’a pas été prêt à temps.</translation>
    </message>
    <message>
        <source>it ended at its start.</source>
        <translation>il s’est arrêté dès son démarrage.</translation>
    </message>
    <message>
        <source>this installation has no demo server. Install it with: {command}</source>
        <translation>cette installation n’a pas de serveur de démonstration. Installez-le avec&#xa0;: {command}</translation>
    </message>
</context>
<context>
    <name>details</name>
    <message>
        <source>  … and {n} more</source>
        <translation>  … et {n} de plus</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Copier les détails</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Détails</translation>
    </message>
</context>
<context>
    <name>dialogs</name>
    <message>
        <source>&amp;Content-Type</source>
        <translation>&amp;Content-Type</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Nom</translation>
    </message>
    <message>
        <source>3 to 63 lower-case letters, digits and hyphens. Nobody else on the store may have the name.</source>
        <translation>De 3 à 63 lettres minuscules, chiffres et traits d’union. Personne d’autre sur le stockage ne doit utiliser ce nom.</translation>
    </message>
    <message>
        <source>A folder is an empty object whose key ends with “/”. Its name may hold “/” for folders in it.</source>
        <translation>Un dossier est un objet vide dont la clé se termine par «&#xa0;/&#xa0;». Son nom peut contenir des «&#xa0;/&#xa0;» pour créer des sous-dossiers.</translation>
    </message>
    <message>
        <source>A name neither begins nor ends with “/”, and has no two of them in a row.</source>
        <translation>Un nom ne commence ni ne finit par «&#xa0;/&#xa0;» et n’en contient pas deux de suite.</translation>
    </message>
    <message>
        <source>Add bucket</source>
        <translation>Ajouter le bucket</translation>
    </message>
    <message>
        <source>Add bucket by name</source>
        <translation>Ajouter un bucket par son nom</translation>
    </message>
    <message>
        <source>An object of this name already exists. Its contents would be replaced.</source>
        <translation>Un objet de ce nom existe déjà. Son contenu serait remplacé.</translation>
    </message>
    <message>
        <source>Anyone can read it, and still can under its new name. Its old URL ends.</source>
        <translation>Tout le monde peut le lire et le pourra encore sous son nouveau nom. Son ancienne URL cesse de fonctionner.</translation>
    </message>
    <message>
        <source>Anyone who has it can read the object until it ends, from addresses that the bucket allows. It cannot be taken back earlier.</source>
        <translation>Jusqu’à son échéance, toute personne qui la possède peut lire l’objet, depuis les adresses que le bucket autorise. Elle ne peut pas être révoquée avant.</translation>
    </message>
    <message>
        <source>Anyone who has the URL can read, without a key and without a trace of who it was.</source>
        <translation>Toute personne qui possède l’URL peut lire, sans clé et sans laisser de trace de son identité.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Cancel once more to throw the text away.</source>
        <translation>Annulez encore une fois pour abandonner le texte.</translation>
    </message>
    <message>
        <source>Cancel transfers</source>
        <translation>Annuler les transferts</translation>
    </message>
    <message>
        <source>Cancel {n} transfers?</source>
        <translation>Annuler {n} transferts&#xa0;?</translation>
    </message>
    <message>
        <source>Copy URL</source>
        <translation>Copier l’URL</translation>
    </message>
    <message>
        <source>Copy pre-signed URL</source>
        <translation>Copier une URL pré-signée</translation>
    </message>
    <message>
        <source>Create bucket</source>
        <translation>Créer le bucket</translation>
    </message>
    <message>
        <source>Create folder</source>
        <translation>Créer le dossier</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Delete bucket</source>
        <translation>Supprimer le bucket</translation>
    </message>
    <message>
        <source>Delete connection</source>
        <translation>Supprimer la connexion</translation>
    </message>
    <message>
        <source>Delete the bucket {name}?</source>
        <translation>Supprimer le bucket {name}&#xa0;?</translation>
    </message>
    <message>
        <source>Delete the connection {name}?</source>
        <translation>Supprimer la connexion {name}&#xa0;?</translation>
    </message>
    <message>
        <source>Delete {objects}</source>
        <translation>Supprimer {objects}</translation>
    </message>
    <message>
        <source>Delete {objects} ({size}) from {bucket}?</source>
        <translation>Supprimer {objects} ({size}) du bucket {bucket}&#xa0;?</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Télécharger</translation>
    </message>
    <message>
        <source>Ends {end} ({utc}). At most 7 days are possible.</source>
        <translation>Échéance&#xa0;: {end} ({utc}). La durée ne peut pas dépasser 7 jours.</translation>
    </message>
    <message>
        <source>For a bucket that this key may use but not list. Nothing is sent but the name.</source>
        <translation>Pour un bucket que cette clé peut utiliser sans pouvoir le lister. Seul le nom est envoyé.</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Continuer</translation>
    </message>
    <message>
        <source>Life</source>
        <translation>Durée de validité</translation>
    </message>
    <message>
        <source>Make private</source>
        <translation>Rendre privé</translation>
    </message>
    <message>
        <source>Make public</source>
        <translation>Rendre public</translation>
    </message>
    <message>
        <source>Make {objects} private?</source>
        <translation>Retirer l’accès public à {objects}&#xa0;?</translation>
    </message>
    <message>
        <source>Make {objects} public?</source>
        <translation>Ouvrir l’accès public à {objects}&#xa0;?</translation>
    </message>
    <message>
        <source>Make {urls}</source>
        <translation>Créer {urls}</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Name of the bucket</source>
        <translation>Nom du bucket</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>Noms</translation>
    </message>
    <message>
        <source>New bucket</source>
        <translation>Nouveau bucket</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Nouveau dossier</translation>
    </message>
    <message>
        <source>New object from text</source>
        <translation>Nouvel objet à partir d’un texte</translation>
    </message>
    <message>
        <source>Not valid JSON at line {line}, column {column}.</source>
        <translation>JSON non valide à la ligne {line}, colonne {column}.</translation>
    </message>
    <message>
        <source>Not valid JSON: nested too deeply, or a number that is too long.</source>
        <translation>JSON non valide&#xa0;: imbrication trop profonde ou nombre trop long.</translation>
    </message>
    <message>
        <source>Only an empty bucket can be deleted. Somebody else may then take its name.</source>
        <translation>Seul un bucket vide peut être supprimé. Son nom pourra ensuite être pris par quelqu’un d’autre.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Ouvrir</translation>
    </message>
    <message>
        <source>Open a program or shortcut</source>
        <translation>Ouvrir un programme ou un raccourci</translation>
    </message>
    <message>
        <source>Open it only if you trust those who can write to the bucket that it came from.</source>
        <translation>Ne l’ouvrez que si vous faites confiance à ceux qui peuvent écrire dans le bucket d’où il vient.</translation>
    </message>
    <message>
        <source>Opening it may run a program, which can do everything that you can do here.</source>
        <translation>L’ouvrir peut exécuter un programme, qui peut faire tout ce que vous pouvez faire ici.</translation>
    </message>
    <message>
        <source>Public URLs stop working; copies that others made, and pre-signed URLs, do not.</source>
        <translation>Les URL publiques cessent de fonctionner. Les copies déjà faites par d’autres subsistent, et les URL pré-signées restent valables.</translation>
    </message>
    <message>
        <source>Public: anyone with the URL can read</source>
        <translation>Public&#xa0;: toute personne ayant l’URL peut lire</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quitter</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Renommer</translation>
    </message>
    <message>
        <source>Rename {name}</source>
        <translation>Renommer {name}</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Remplacer</translation>
    </message>
    <message>
        <source>Replace {name}?</source>
        <translation>Remplacer {name}&#xa0;?</translation>
    </message>
    <message>
        <source>S3 cannot rename: the object is copied in the store, and the old one deleted once the copy is proven. A “/” in the name puts it into a folder.</source>
        <translation>S3 ne sait pas renommer&#xa0;: l’objet est copié dans le stockage, puis l’ancien est supprimé une fois la copie prouvée. Un «&#xa0;/&#xa0;» dans le nom le place dans un dossier.</translation>
    </message>
    <message>
        <source>Store object</source>
        <translation>Enregistrer l’objet</translation>
    </message>
    <message>
        <source>Text of the object</source>
        <translation>Texte de l’objet</translation>
    </message>
    <message>
        <source>The Content-Type has the form text/plain.</source>
        <translation>Le Content-Type s’écrit comme text/plain.</translation>
    </message>
    <message>
        <source>The bucket’s address rules still apply: from an address that they do not allow, the URL stays closed.</source>
        <translation>Les règles d’adresses du bucket restent en vigueur&#xa0;: depuis une adresse qu’elles n’autorisent pas, l’URL reste fermée.</translation>
    </message>
    <message>
        <source>The connection and its secret key are forgotten on this computer. Nothing in the store changes.</source>
        <translation>La connexion et sa clé secrète sont effacées de cet ordinateur. Rien ne change sur le stockage.</translation>
    </message>
    <message>
        <source>The key would have {n} bytes; {limit} are allowed.</source>
        <translation>La clé compterait {n} octets&#xa0;; le maximum est de {limit}.</translation>
    </message>
    <message>
        <source>The name holds a character that cannot be sent.</source>
        <translation>Le nom contient un caractère qui ne peut pas être envoyé.</translation>
    </message>
    <message>
        <source>The name holds a line break or another control character.</source>
        <translation>Le nom contient un saut de ligne ou un autre caractère de contrôle.</translation>
    </message>
    <message>
        <source>They cannot be taken up again, and what was sent of them is removed.</source>
        <translation>Ils ne pourront pas être repris, et ce qui en a été envoyé est supprimé.</translation>
    </message>
    <message>
        <source>This cannot be the name of a bucket: 3 to 63 letters, digits and hyphens.</source>
        <translation>Ceci ne peut pas être le nom d’un bucket&#xa0;: de 3 à 63 lettres, chiffres et traits d’union.</translation>
    </message>
    <message>
        <source>This cannot be undone here. Only a versioned bucket keeps the older versions of what is deleted.</source>
        <translation>Cette action ne peut pas être annulée ici. Seul un bucket versionné conserve les anciennes versions de ce qui est supprimé.</translation>
    </message>
    <message>
        <source>This file has no extension, but runs as a program. Open it?</source>
        <translation>Ce fichier n’a pas d’extension, mais s’exécute comme un programme. L’ouvrir&#xa0;?</translation>
    </message>
    <message>
        <source>This file really ends in {extension}. Open it?</source>
        <translation>Ce fichier se termine en réalité par {extension}. L’ouvrir&#xa0;?</translation>
    </message>
    <message>
        <source>Type the name of the bucket to confirm:</source>
        <translation>Pour confirmer, saisissez le nom du bucket&#xa0;:</translation>
    </message>
    <message>
        <source>Unit of time</source>
        <translation>Unité de temps</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Téléverser</translation>
    </message>
    <message>
        <source>Upload {items} to {where}?</source>
        <translation>Téléverser {items} vers {where}&#xa0;?</translation>
    </message>
    <message>
        <source>Valid for</source>
        <translation>Valable pendant</translation>
    </message>
    <message>
        <source>What is done stays. To go on later, pause them instead.</source>
        <translation>Ce qui est terminé reste. Pour continuer plus tard, mettez-les plutôt en pause.</translation>
    </message>
    <message>
        <source>What is not done goes on where it was when you start the program again.</source>
        <translation>Ce qui n’est pas terminé reprendra où il en était au prochain démarrage.</translation>
    </message>
    <message>
        <source>What is not done waits, paused, until you start the program again.</source>
        <translation>Ce qui n’est pas terminé attendra, en pause, le prochain démarrage.</translation>
    </message>
    <message>
        <source>With everything in {folders}, counted just now.</source>
        <translation>Avec tout le contenu de {folders}, compté à l’instant.</translation>
    </message>
    <message>
        <source>a pre-signed URL</source>
        <translation>une URL pré-signée</translation>
    </message>
    <message>
        <source>days</source>
        <translation>jours</translation>
    </message>
    <message>
        <source>for example notes.txt or data.json</source>
        <translation>par exemple notes.txt ou data.json</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>heures</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>minutes</translation>
    </message>
    <message>
        <source>{n} folder</source>
        <translation>{n} dossier</translation>
    </message>
    <message>
        <source>{n} folders</source>
        <translation>{n} dossiers</translation>
    </message>
    <message>
        <source>{n} item</source>
        <translation>{n} élément</translation>
    </message>
    <message>
        <source>{n} items</source>
        <translation>{n} éléments</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n} pre-signed URLs</source>
        <translation>{n} URL pré-signées</translation>
    </message>
    <message>
        <source>{n} transfer is still running</source>
        <translation>{n} transfert est encore en cours</translation>
    </message>
    <message>
        <source>{n} transfers are still running</source>
        <translation>{n} transferts sont encore en cours</translation>
    </message>
    <message>
        <source>{sentence}</source>
        <translation>{sentence}</translation>
    </message>
    <message>
        <source>… and {n} more</source>
        <translation>… et {n} de plus</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>A bucket can be deleted only when it holds no object, no version and no unfinished upload.</source>
        <translation>Un bucket ne peut être supprimé que s’il ne contient plus ni objet, ni version, ni téléversement inachevé.</translation>
    </message>
    <message>
        <source>A bucket of this name already exists</source>
        <translation>Un bucket de ce nom existe déjà</translation>
    </message>
    <message>
        <source>A file is where a folder should be</source>
        <translation>Un fichier se trouve là où il faudrait un dossier</translation>
    </message>
    <message>
        <source>A file name has at most 255 bytes on most disks, and the whole path has a limit too.</source>
        <translation>Un nom de fichier a au plus 255 octets sur la plupart des disques, et le chemin entier a lui aussi une limite.</translation>
    </message>
    <message>
        <source>A folder is where the file should be</source>
        <translation>Un dossier se trouve là où il faudrait le fichier</translation>
    </message>
    <message>
        <source>A gateway before the store got no good answer</source>
        <translation>Une passerelle devant le stockage n’a pas obtenu de bonne réponse</translation>
    </message>
    <message>
        <source>A key has at most 1,024 bytes in UTF-8, the folders included, and some stores take less.</source>
        <translation>Une clé a au plus 1&#x202f;024 octets en UTF-8, dossiers compris, et certains stockages en admettent moins.</translation>
    </message>
    <message>
        <source>A name has 3 to 63 lower-case letters, digits and hyphens, and does not look like an IP address.</source>
        <translation>Un nom a de 3 à 63 lettres minuscules, chiffres et traits d’union, et ne ressemble pas à une adresse IP.</translation>
    </message>
    <message>
        <source>A part of the path is a file: {message}</source>
        <translation>Un élément du chemin est un fichier&#xa0;: {message}</translation>
    </message>
    <message>
        <source>A part of the upload is too small</source>
        <translation>Une partie du téléversement est trop petite</translation>
    </message>
    <message>
        <source>A piece was asked for that the object does not have any more: somebody replaced it.</source>
        <translation>Un morceau a été demandé que l’objet n’a plus&#xa0;: quelqu’un l’a remplacé.</translation>
    </message>
    <message>
        <source>A proxy may have taken it away. Else give the details to the provider’s support.</source>
        <translation>Un proxy l’a peut-être retiré. Sinon, transmettez les détails au support du fournisseur.</translation>
    </message>
    <message>
        <source>A retention period or a legal hold of the bucket (“delete protection”) forbids this until it ends.</source>
        <translation>Une durée de rétention ou une conservation légale du bucket («&#xa0;protection contre la suppression&#xa0;») l’interdit jusqu’à son terme.</translation>
    </message>
    <message>
        <source>ACLs are switched off or public access is blocked for the bucket.</source>
        <translation>Les ACL sont désactivées ou l’accès public est bloqué pour ce bucket.</translation>
    </message>
    <message>
        <source>All names and values together may have 2 KB.</source>
        <translation>Noms et valeurs réunis peuvent avoir 2&#xa0;Ko.</translation>
    </message>
    <message>
        <source>Another change of the same bucket is still under way: {message}</source>
        <translation>Une autre modification du même bucket est encore en cours&#xa0;: {message}</translation>
    </message>
    <message>
        <source>Another program wrote to it, so the object would have been a mix of old and new.</source>
        <translation>Un autre programme y a écrit&#xa0;: l’objet aurait mélangé l’ancien et le nouveau contenu.</translation>
    </message>
    <message>
        <source>Another window of the program uses it.</source>
        <translation>Une autre fenêtre du programme l’utilise.</translation>
    </message>
    <message>
        <source>Ask for its restoration in the console, then try again.</source>
        <translation>Demandez sa restauration dans la console, puis réessayez.</translation>
    </message>
    <message>
        <source>Ask for the bucket’s rules to be changed, or share a link that expires.</source>
        <translation>Faites modifier les règles du bucket, ou partagez un lien qui expire.</translation>
    </message>
    <message>
        <source>Ask the provider’s support, with the request id.</source>
        <translation>Adressez-vous au support du fournisseur, avec l’identifiant de requête.</translation>
    </message>
    <message>
        <source>Ask who manages the bucket to allow them, or share with a pre-signed URL instead.</source>
        <translation>Demandez à qui gère le bucket de les autoriser, ou partagez plutôt une URL pré-signée.</translation>
    </message>
    <message>
        <source>Ask your network’s administrator to allow this address, or use another proxy.</source>
        <translation>Demandez à l’administrateur de votre réseau d’autoriser cette adresse, ou passez par un autre proxy.</translation>
    </message>
    <message>
        <source>Bucket names are shared by everyone on the store.</source>
        <translation>Les noms de buckets sont communs à tous les utilisateurs du stockage.</translation>
    </message>
    <message>
        <source>Certificate of</source>
        <translation>Certificat de</translation>
    </message>
    <message>
        <source>Change its permissions or choose another folder.</source>
        <translation>Modifiez ses droits ou choisissez un autre dossier.</translation>
    </message>
    <message>
        <source>Check the date and time of this computer, and try again or make a new link.</source>
        <translation>Vérifiez la date et l’heure de cet ordinateur, puis réessayez ou créez un nouveau lien.</translation>
    </message>
    <message>
        <source>Check the disk or the network drive, then retry.</source>
        <translation>Vérifiez le disque ou le lecteur réseau, puis réessayez.</translation>
    </message>
    <message>
        <source>Check the drive or its cable, and have a backup of what is on it.</source>
        <translation>Vérifiez le disque ou son câble, et ayez une sauvegarde de ce qu’il contient.</translation>
    </message>
    <message>
        <source>Check the endpoint, then ask your network’s administrator about the proxy.</source>
        <translation>Vérifiez l’endpoint, puis renseignez-vous sur le proxy auprès de l’administrateur de votre réseau.</translation>
    </message>
    <message>
        <source>Check the keyring, or use the secret key for this session only.</source>
        <translation>Vérifiez le trousseau, ou utilisez la clé secrète pour cette session seulement.</translation>
    </message>
    <message>
        <source>Check the name (it is case-sensitive) and the endpoint.</source>
        <translation>Vérifiez le nom (majuscules et minuscules comptent) et l’endpoint.</translation>
    </message>
    <message>
        <source>Check the namespace or endpoint of the connection, and the network.</source>
        <translation>Vérifiez le namespace ou l’endpoint de la connexion, ainsi que le réseau.</translation>
    </message>
    <message>
        <source>Check the network and try again.</source>
        <translation>Vérifiez le réseau et réessayez.</translation>
    </message>
    <message>
        <source>Check the network and try again. If it goes on, the store may be overloaded.</source>
        <translation>Vérifiez le réseau et réessayez. Si cela persiste, le stockage est peut-être surchargé.</translation>
    </message>
    <message>
        <source>Check the network or the VPN, then try again.</source>
        <translation>Vérifiez le réseau ou le VPN, puis réessayez.</translation>
    </message>
    <message>
        <source>Check the port of the endpoint, a VPN or a proxy that may be needed, then try again.</source>
        <translation>Vérifiez le port de l’endpoint et si un VPN ou un proxy est nécessaire, puis réessayez.</translation>
    </message>
    <message>
        <source>Check the port of the endpoint. A port for http does not take https.</source>
        <translation>Vérifiez le port de l’endpoint. Un port prévu pour http n’accepte pas https.</translation>
    </message>
    <message>
        <source>Check the proxy of the connection or of the system.</source>
        <translation>Vérifiez le proxy de la connexion ou celui du système.</translation>
    </message>
    <message>
        <source>Choose a folder with a shorter path, or another name.</source>
        <translation>Choisissez un dossier dont le chemin est plus court, ou un autre nom.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Choisissez un autre dossier.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Choisissez un autre nom.</translation>
    </message>
    <message>
        <source>Choose another storage class, or none.</source>
        <translation>Choisissez une autre classe de stockage, ou aucune.</translation>
    </message>
    <message>
        <source>Choose it again.</source>
        <translation>Choisissez-le de nouveau.</translation>
    </message>
    <message>
        <source>Close the other window first, then try again.</source>
        <translation>Fermez d’abord l’autre fenêtre, puis réessayez.</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Concerning</source>
        <translation>Concerne</translation>
    </message>
    <message>
        <source>Copy the access key from the console again and check the namespace.</source>
        <translation>Copiez de nouveau la clé d’accès depuis la console et vérifiez le namespace.</translation>
    </message>
    <message>
        <source>Delete a bucket that is not needed, or ask the provider for more.</source>
        <translation>Supprimez un bucket devenu inutile, ou demandez au fournisseur d’en autoriser davantage.</translation>
    </message>
    <message>
        <source>Delete its objects first.</source>
        <translation>Supprimez d’abord ses objets.</translation>
    </message>
    <message>
        <source>Delete what is not needed, old versions included, or ask the provider for more room.</source>
        <translation>Supprimez ce qui est inutile, anciennes versions comprises, ou demandez plus de place au fournisseur.</translation>
    </message>
    <message>
        <source>Download the object instead, or split it.</source>
        <translation>Téléchargez plutôt l’objet, ou divisez-le.</translation>
    </message>
    <message>
        <source>Edit the connection and choose another CA bundle under Advanced, or leave it empty.</source>
        <translation>Modifiez la connexion et choisissez un autre fichier de certificats CA dans les options avancées, ou laissez le champ vide.</translation>
    </message>
    <message>
        <source>Edit the connection and choose “V4 to list, V2 for data” as signature under Advanced.</source>
        <translation>Modifiez la connexion et choisissez la signature «&#xa0;V4 pour lister, V2 pour les données&#xa0;» dans les options avancées.</translation>
    </message>
    <message>
        <source>Edit the connection and enter the secret key again.</source>
        <translation>Modifiez la connexion et saisissez de nouveau la clé secrète.</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <translation>Endpoint</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256)</source>
        <translation>Empreinte (SHA-256)</translation>
    </message>
    <message>
        <source>HTTP status</source>
        <translation>Statut HTTP</translation>
    </message>
    <message>
        <source>Have the bucket’s rules changed. Until then anyone with the URL can read it.</source>
        <translation>Faites modifier les règles du bucket. D’ici là, quiconque a l’URL peut le lire.</translation>
    </message>
    <message>
        <source>If that address is your store, set it as the endpoint (or its region) in the connection.</source>
        <translation>Si cette adresse est bien celle de votre stockage, indiquez-la comme endpoint (ou sa région) dans la connexion.</translation>
    </message>
    <message>
        <source>It answered 407 to the request for {host}, and nothing was sent to the store.</source>
        <translation>Il a répondu 407 à la requête vers {host}, et rien n’a été envoyé au stockage.</translation>
    </message>
    <message>
        <source>It answered with an internal error: {message}</source>
        <translation>Il a répondu par une erreur interne&#xa0;: {message}</translation>
    </message>
    <message>
        <source>It answered: {message}</source>
        <translation>Il a répondu&#xa0;: {message}</translation>
    </message>
    <message>
        <source>It asks for the Content-MD5 of the request, which did not reach it.</source>
        <translation>Il demande le Content-MD5 de la requête, qui ne lui est pas parvenu.</translation>
    </message>
    <message>
        <source>It came, or changed, after you had been asked, and nothing is overwritten unasked.</source>
        <translation>Cela est apparu, ou a changé, après la question posée, et rien n’est écrasé sans votre accord.</translation>
    </message>
    <message>
        <source>It does not accept the checksum or the streaming signature of the request ({message}).</source>
        <translation>Il n’accepte pas la somme de contrôle ou la signature en flux de la requête ({message}).</translation>
    </message>
    <message>
        <source>It is empty, too long, or cannot be written: {message}</source>
        <translation>Il est vide, trop long ou impossible à écrire&#xa0;: {message}</translation>
    </message>
    <message>
        <source>It is not known whether the object was deleted</source>
        <translation>On ne sait pas si l’objet a été supprimé</translation>
    </message>
    <message>
        <source>It is over the limit: {message}</source>
        <translation>La limite est dépassée&#xa0;: {message}</translation>
    </message>
    <message>
        <source>It is receiving more requests than it can handle at the moment, from here or from others.</source>
        <translation>Il reçoit en ce moment plus de requêtes qu’il n’en accepte, de cet ordinateur ou d’ailleurs.</translation>
    </message>
    <message>
        <source>It knows the operation, but not for this bucket or object, a delete marker for instance.</source>
        <translation>Il connaît l’opération, mais pas pour ce bucket ou cet objet, un marqueur de suppression par exemple.</translation>
    </message>
    <message>
        <source>It says that the operation is not implemented.</source>
        <translation>Il indique que l’opération n’est pas prise en charge.</translation>
    </message>
    <message>
        <source>It took the bytes, but does not list this key: it changes names like this one.</source>
        <translation>Il a pris les octets, mais ne liste pas cette clé&#xa0;: il modifie les noms de ce genre.</translation>
    </message>
    <message>
        <source>It was finished, was cancelled elsewhere, or a rule of the bucket cleared it away.</source>
        <translation>Il a été terminé, annulé ailleurs, ou une règle du bucket l’a supprimé.</translation>
    </message>
    <message>
        <source>It was moved, renamed or deleted meanwhile.</source>
        <translation>Il a été déplacé, renommé ou supprimé entre-temps.</translation>
    </message>
    <message>
        <source>It was not unlocked, or the question for its password was dismissed.</source>
        <translation>Il n’a pas été déverrouillé, ou la demande de mot de passe a été fermée.</translation>
    </message>
    <message>
        <source>It was signed too long ago, by the store’s clock, or the clock of this computer is wrong.</source>
        <translation>La signature est trop ancienne d’après l’horloge du stockage, ou l’horloge de cet ordinateur est fausse.</translation>
    </message>
    <message>
        <source>Its access list is private, but the bucket’s rules or the store’s let everybody read it.</source>
        <translation>Sa liste d’accès est privée, mais les règles du bucket ou du stockage laissent tout le monde le lire.</translation>
    </message>
    <message>
        <source>Its authority, “{issuer}”, took the certificate of {host} back: the key may be stolen.</source>
        <translation>Son autorité, «&#xa0;{issuer}&#xa0;», a révoqué le certificat de {host}&#xa0;: la clé a peut-être été volée.</translation>
    </message>
    <message>
        <source>Its password was asked for, and the window was closed or left open: {message}</source>
        <translation>Son mot de passe a été demandé, et la fenêtre a été fermée ou laissée ouverte&#xa0;: {message}</translation>
    </message>
    <message>
        <source>Its storage class does not allow reading before it was restored.</source>
        <translation>Sa classe de stockage ne permet de le lire qu’après restauration.</translation>
    </message>
    <message>
        <source>Look at what is there, then transfer again and choose.</source>
        <translation>Regardez ce qui s’y trouve, puis relancez le transfert et choisissez.</translation>
    </message>
    <message>
        <source>Look for it in the list, and give the file a plainer name: no “//”, “..” or “\”.</source>
        <translation>Cherchez-le dans la liste et donnez au fichier un nom plus simple&#xa0;: sans «&#xa0;//&#xa0;», «&#xa0;..&#xa0;» ni «&#xa0;\&#xa0;».</translation>
    </message>
    <message>
        <source>Make new keys where these came from, and enter them in the connection.</source>
        <translation>Créez de nouvelles clés là d’où viennent celles-ci, et saisissez-les dans la connexion.</translation>
    </message>
    <message>
        <source>Make room or choose another folder, then retry.</source>
        <translation>Libérez de la place ou choisissez un autre dossier, puis réessayez.</translation>
    </message>
    <message>
        <source>Message of the server</source>
        <translation>Message du serveur</translation>
    </message>
    <message>
        <source>Message of the system</source>
        <translation>Message du système</translation>
    </message>
    <message>
        <source>Names in it</source>
        <translation>Noms inscrits</translation>
    </message>
    <message>
        <source>No machine answers to the name of {host}. It may be mistyped, or this computer is offline.</source>
        <translation>Aucune machine ne répond au nom {host}. Il est peut-être mal saisi, ou cet ordinateur est hors ligne.</translation>
    </message>
    <message>
        <source>No usable keyring was found on this computer</source>
        <translation>Aucun trousseau utilisable n’a été trouvé sur cet ordinateur</translation>
    </message>
    <message>
        <source>Nothing can be done from here.</source>
        <translation>Rien ne peut être fait depuis ce programme.</translation>
    </message>
    <message>
        <source>Nothing can be written to the drive or folder: {message}</source>
        <translation>Rien ne peut être écrit sur ce disque ou dans ce dossier&#xa0;: {message}</translation>
    </message>
    <message>
        <source>Nothing damaged was kept. Try again; if it goes on, check the network equipment or proxy.</source>
        <translation>Aucune donnée altérée n’a été conservée. Réessayez&#xa0;; si cela persiste, vérifiez les équipements réseau ou le proxy.</translation>
    </message>
    <message>
        <source>Nothing was kept in the store. Try again when the file is at rest.</source>
        <translation>Rien n’a été conservé sur le stockage. Réessayez quand le fichier ne sera plus modifié.</translation>
    </message>
    <message>
        <source>Nothing was kept. Refresh the list and start again.</source>
        <translation>Rien n’a été conservé. Actualisez la liste et recommencez.</translation>
    </message>
    <message>
        <source>Nothing was sent. Ask your network’s administrator, or who runs the store.</source>
        <translation>Rien n’a été envoyé. Adressez-vous à l’administrateur de votre réseau ou à qui exploite le stockage.</translation>
    </message>
    <message>
        <source>Nothing was sent. Check that no old proxy is in between, and ask who runs the store.</source>
        <translation>Rien n’a été envoyé. Vérifiez qu’aucun vieux proxy ne s’interpose, et adressez-vous à qui exploite le stockage.</translation>
    </message>
    <message>
        <source>Nothing was sent. Check the date of this computer: it is probably wrong.</source>
        <translation>Rien n’a été envoyé. Vérifiez la date de cet ordinateur&#xa0;: elle est probablement fausse.</translation>
    </message>
    <message>
        <source>Nothing was sent. Check the date of this computer; if it is right, tell who runs the store.</source>
        <translation>Rien n’a été envoyé. Vérifiez la date de cet ordinateur&#xa0;; si elle est juste, prévenez qui exploite le stockage.</translation>
    </message>
    <message>
        <source>Nothing was sent. Check the endpoint. The login page of a network may also stand in between.</source>
        <translation>Rien n’a été envoyé. Vérifiez l’endpoint. Une page d’accueil du réseau peut aussi s’être interposée.</translation>
    </message>
    <message>
        <source>Nothing was sent. Compare the fingerprint with whoever runs the store; if it is theirs, give the certificate as CA bundle under Advanced.</source>
        <translation>Rien n’a été envoyé. Comparez l’empreinte avec celle que donne qui exploite le stockage&#xa0;; si c’est la bonne, indiquez ce certificat comme fichier de certificats CA dans les options avancées.</translation>
    </message>
    <message>
        <source>Nothing was sent. If the store uses an internal authority, give its CA bundle under Advanced; else ask your network’s administrator.</source>
        <translation>Rien n’a été envoyé. Si le stockage utilise une autorité interne, indiquez ses certificats CA dans les options avancées&#xa0;; sinon, adressez-vous à l’administrateur de votre réseau.</translation>
    </message>
    <message>
        <source>Nothing was sent. If your organisation runs this authority, give its CA bundle under Advanced; else ask your network’s administrator.</source>
        <translation>Rien n’a été envoyé. Si cette autorité est celle de votre organisation, indiquez ses certificats CA dans les options avancées&#xa0;; sinon, adressez-vous à l’administrateur de votre réseau.</translation>
    </message>
    <message>
        <source>One object is larger than the store accepts: {message}</source>
        <translation>Un objet dépasse la taille que le stockage accepte&#xa0;: {message}</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Opération</translation>
    </message>
    <message>
        <source>Paste the secret key again. The console shows it only once: if it is lost, make a new key there. If the secret is right, another signature (under Advanced) may help.</source>
        <translation>Collez de nouveau la clé secrète. La console ne l’affiche qu’une fois&#xa0;: si elle est perdue, créez-y une nouvelle clé. Si la clé secrète est exacte, une autre signature (dans les options avancées) peut aider.</translation>
    </message>
    <message>
        <source>Refresh the list, and delete again what is still there.</source>
        <translation>Actualisez la liste, puis supprimez de nouveau ce qui reste.</translation>
    </message>
    <message>
        <source>Refresh the list, and look whether the object still exists.</source>
        <translation>Actualisez la liste, et regardez si l’objet existe encore.</translation>
    </message>
    <message>
        <source>Refresh the list.</source>
        <translation>Actualisez la liste.</translation>
    </message>
    <message>
        <source>Refresh. Until then nothing that needs the whole list is done.</source>
        <translation>Actualisez. D’ici là, rien de ce qui exige la liste complète n’est exécuté.</translation>
    </message>
    <message>
        <source>Refresh: the pages are then fetched one after another.</source>
        <translation>Actualisez&#xa0;: les pages seront alors lues l’une après l’autre.</translation>
    </message>
    <message>
        <source>Rename the file or choose another folder.</source>
        <translation>Renommez le fichier ou choisissez un autre dossier.</translation>
    </message>
    <message>
        <source>Rename the folder or choose another one.</source>
        <translation>Renommez le dossier ou choisissez-en un autre.</translation>
    </message>
    <message>
        <source>Request id</source>
        <translation>Identifiant de requête</translation>
    </message>
    <message>
        <source>Retry. If it goes on, give the details to the provider’s support.</source>
        <translation>Réessayez. Si cela continue, transmettez les détails au support du fournisseur.</translation>
    </message>
    <message>
        <source>Retry: the upload begins anew.</source>
        <translation>Réessayez&#xa0;: le téléversement recommence depuis le début.</translation>
    </message>
    <message>
        <source>Set a proxy that needs none, or ask your network’s administrator.</source>
        <translation>Indiquez un proxy qui n’en demande pas, ou adressez-vous à l’administrateur de votre réseau.</translation>
    </message>
    <message>
        <source>Set the date, time and time zone of this computer, best automatically, and try again.</source>
        <translation>Réglez la date, l’heure et le fuseau horaire de cet ordinateur, de préférence automatiquement, puis réessayez.</translation>
    </message>
    <message>
        <source>Set this region under Advanced in the connection.</source>
        <translation>Indiquez cette région dans les options avancées de la connexion.</translation>
    </message>
    <message>
        <source>Shorten the metadata.</source>
        <translation>Raccourcissez les métadonnées.</translation>
    </message>
    <message>
        <source>Sign in to the network if it asks for it, and check the endpoint of the connection.</source>
        <translation>Identifiez-vous sur le réseau s’il le demande, et vérifiez l’endpoint de la connexion.</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>Signé par</translation>
    </message>
    <message>
        <source>Somebody deleted or renamed it since it was listed.</source>
        <translation>Quelqu’un l’a supprimé ou renommé depuis l’affichage de la liste.</translation>
    </message>
    <message>
        <source>Somebody replaced the object while it was being read, so the parts would not fit together.</source>
        <translation>Quelqu’un a remplacé l’objet pendant sa lecture&#xa0;: les parties ne correspondraient plus.</translation>
    </message>
    <message>
        <source>Somebody, or a rule of the bucket, deleted this version for good.</source>
        <translation>Quelqu’un, ou une règle du bucket, a supprimé cette version définitivement.</translation>
    </message>
    <message>
        <source>Something else is there now</source>
        <translation>Autre chose s’y trouve maintenant</translation>
    </message>
    <message>
        <source>Something went wrong in the program itself</source>
        <translation>Une erreur s’est produite dans le programme lui-même</translation>
    </message>
    <message>
        <source>Split the file, or ask the provider for the limit.</source>
        <translation>Découpez le fichier, ou demandez la limite au fournisseur.</translation>
    </message>
    <message>
        <source>Start the program again. The log has the details.</source>
        <translation>Redémarrez le programme. Le journal contient les détails.</translation>
    </message>
    <message>
        <source>The CA bundle cannot be used</source>
        <translation>Le fichier de certificats CA est inutilisable</translation>
    </message>
    <message>
        <source>The TLS certificate of {host} is not valid for it or not signed by a known authority: {message}</source>
        <translation>Le certificat TLS présenté par {host} n’est pas valable pour cette adresse ou n’est pas signé par une autorité connue&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The access key was deleted, was mistyped, or belongs to another namespace.</source>
        <translation>La clé d’accès a été supprimée, a été mal saisie ou appartient à un autre namespace.</translation>
    </message>
    <message>
        <source>The access list says that it is public, but the bucket’s rules or the store’s say no.</source>
        <translation>La liste d’accès dit qu’il est public, mais les règles du bucket ou du stockage s’y opposent.</translation>
    </message>
    <message>
        <source>The account has as many buckets as it may have.</source>
        <translation>Le compte a déjà autant de buckets qu’il peut en avoir.</translation>
    </message>
    <message>
        <source>The account is suspended</source>
        <translation>Le compte est suspendu</translation>
    </message>
    <message>
        <source>The address of {host} could not be asked for: this computer is offline, or its name server is.</source>
        <translation>L’adresse de {host} n’a pas pu être demandée&#xa0;: cet ordinateur, ou son serveur de noms, est hors ligne.</translation>
    </message>
    <message>
        <source>The answer did not come from an S3 store</source>
        <translation>La réponse ne vient pas d’un stockage S3</translation>
    </message>
    <message>
        <source>The bucket does not exist</source>
        <translation>Le bucket n’existe pas</translation>
    </message>
    <message>
        <source>The bucket is not empty</source>
        <translation>Le bucket n’est pas vide</translation>
    </message>
    <message>
        <source>The bucket, the account or the store itself is full: {message}</source>
        <translation>Le bucket, le compte ou le stockage lui-même est plein&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The bytes were damaged on the way</source>
        <translation>Les données ont été altérées en chemin</translation>
    </message>
    <message>
        <source>The certificate of {host} is signed by “{issuer}”, which this computer does not trust. Company networks that look into traffic do so, and so does an impostor.</source>
        <translation>Le certificat de {host} est signé par «&#xa0;{issuer}&#xa0;», à qui cet ordinateur ne fait pas confiance. C’est le cas des réseaux d’entreprise qui inspectent le trafic, et d’un imposteur.</translation>
    </message>
    <message>
        <source>The certificate of {host} is valid from {since}, by the clock of this computer.</source>
        <translation>Le certificat de {host} est valable à partir du {since}, d’après l’horloge de cet ordinateur.</translation>
    </message>
    <message>
        <source>The certificate of {host} was valid until {until}, by the clock of this computer.</source>
        <translation>Le certificat de {host} était valable jusqu’au {until}, d’après l’horloge de cet ordinateur.</translation>
    </message>
    <message>
        <source>The certificate of {host}, for “{subject}”, is signed by nobody but itself: anyone can make such a one.</source>
        <translation>Le certificat de {host}, au nom de «&#xa0;{subject}&#xa0;», n’est signé que par lui-même&#xa0;: n’importe qui peut en fabriquer un pareil.</translation>
    </message>
    <message>
        <source>The certificate that answered at {host} is for {names}, not for that name.</source>
        <translation>Le certificat présenté par {host} vaut pour {names}, pas pour ce nom.</translation>
    </message>
    <message>
        <source>The checksum of what arrived differs from the checksum of what was sent.</source>
        <translation>La somme de contrôle des données reçues diffère de celle des données envoyées.</translation>
    </message>
    <message>
        <source>The clock of this computer is wrong</source>
        <translation>L’horloge de cet ordinateur n’est pas à l’heure</translation>
    </message>
    <message>
        <source>The connection to the store was lost</source>
        <translation>La connexion au stockage a été perdue</translation>
    </message>
    <message>
        <source>The data did not arrive in time</source>
        <translation>Les données ne sont pas arrivées à temps</translation>
    </message>
    <message>
        <source>The deletion ended before the store had answered: the object may be gone, or may still go.</source>
        <translation>La suppression a pris fin avant la réponse du stockage&#xa0;: l’objet a peut-être disparu, ou va encore disparaître.</translation>
    </message>
    <message>
        <source>The demo store did not start</source>
        <translation>Le stockage de démonstration n’a pas démarré</translation>
    </message>
    <message>
        <source>The demo store is already open</source>
        <translation>Le stockage de démonstration est déjà ouvert</translation>
    </message>
    <message>
        <source>The details may help the provider’s support.</source>
        <translation>Les détails peuvent aider le support du fournisseur.</translation>
    </message>
    <message>
        <source>The disk failed</source>
        <translation>Le disque est défaillant</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>Le disque est plein</translation>
    </message>
    <message>
        <source>The disk is read-only</source>
        <translation>Le disque est en lecture seule</translation>
    </message>
    <message>
        <source>The disk may have room, but not for your user.</source>
        <translation>Le disque a peut-être encore de la place, mais pas pour votre compte.</translation>
    </message>
    <message>
        <source>The drive could not read or write a block: {message}</source>
        <translation>Le disque n’a pas pu lire ou écrire un bloc&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The file changed during the upload</source>
        <translation>Le fichier a changé pendant le téléversement</translation>
    </message>
    <message>
        <source>The file could not be read or written</source>
        <translation>Le fichier n’a pas pu être lu ou écrit</translation>
    </message>
    <message>
        <source>The file is missing or holds no certificate in PEM form: {message}</source>
        <translation>Le fichier manque ou ne contient aucun certificat au format PEM&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The file or folder cannot be read or written by your user: {message}</source>
        <translation>Votre compte ne peut pas lire ou écrire le fichier ou le dossier&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The file or folder does not exist</source>
        <translation>Le fichier ou le dossier n’existe pas</translation>
    </message>
    <message>
        <source>The key was temporary and has expired</source>
        <translation>La clé était temporaire et a expiré</translation>
    </message>
    <message>
        <source>The key was temporary and must be renewed</source>
        <translation>La clé était temporaire et doit être renouvelée</translation>
    </message>
    <message>
        <source>The keyring did not work</source>
        <translation>Le trousseau n’a pas fonctionné</translation>
    </message>
    <message>
        <source>The keyring is locked</source>
        <translation>Le trousseau est verrouillé</translation>
    </message>
    <message>
        <source>The length of the data did not reach it: a proxy that changes requests may be in between.</source>
        <translation>La longueur des données ne lui est pas parvenue&#xa0;: un proxy qui modifie les requêtes s’interpose peut-être.</translation>
    </message>
    <message>
        <source>The link or request has expired</source>
        <translation>Le lien ou la requête a expiré</translation>
    </message>
    <message>
        <source>The listing is not complete</source>
        <translation>La liste n’est pas complète</translation>
    </message>
    <message>
        <source>The local S3 server of the demo ended or did not get ready: {message}</source>
        <translation>Le serveur S3 local de démonstration s’est arrêté ou n’a pas été prêt&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The log has the details. Please report it.</source>
        <translation>Le journal contient les détails. Merci de signaler l’erreur.</translation>
    </message>
    <message>
        <source>The name is too long for the store</source>
        <translation>Le nom est trop long pour le stockage</translation>
    </message>
    <message>
        <source>The name is too long for this computer</source>
        <translation>Le nom est trop long pour cet ordinateur</translation>
    </message>
    <message>
        <source>The name service does not answer</source>
        <translation>Le service de noms ne répond pas</translation>
    </message>
    <message>
        <source>The network connection to {host} ended in the middle of an answer.</source>
        <translation>La connexion réseau à {host} s’est interrompue au milieu d’une réponse.</translation>
    </message>
    <message>
        <source>The network of the store cannot be reached</source>
        <translation>Le réseau du stockage est inaccessible</translation>
    </message>
    <message>
        <source>The object changed in the meantime</source>
        <translation>L’objet a changé entre-temps</translation>
    </message>
    <message>
        <source>The object does not exist any more</source>
        <translation>L’objet n’existe plus</translation>
    </message>
    <message>
        <source>The object has too much metadata</source>
        <translation>L’objet a trop de métadonnées</translation>
    </message>
    <message>
        <source>The object is in the archive</source>
        <translation>L’objet est archivé</translation>
    </message>
    <message>
        <source>The object is protected from deletion</source>
        <translation>L’objet est protégé contre la suppression</translation>
    </message>
    <message>
        <source>The object is shorter than it was</source>
        <translation>L’objet est plus court qu’avant</translation>
    </message>
    <message>
        <source>The object is too large for the store</source>
        <translation>L’objet est trop grand pour le stockage</translation>
    </message>
    <message>
        <source>The object still does not open without a key</source>
        <translation>L’objet ne s’ouvre toujours pas sans clé</translation>
    </message>
    <message>
        <source>The object still opens without a key</source>
        <translation>L’objet s’ouvre toujours sans clé</translation>
    </message>
    <message>
        <source>The parts of the upload do not fit together</source>
        <translation>Les parties du téléversement ne vont pas ensemble</translation>
    </message>
    <message>
        <source>The proxy answered that {host} cannot be reached from there: {message}</source>
        <translation>Le proxy a répondu que {host} est inaccessible de chez lui&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The proxy asks for a user name and a password</source>
        <translation>Le proxy demande un nom d’utilisateur et un mot de passe</translation>
    </message>
    <message>
        <source>The proxy cannot be used</source>
        <translation>Le proxy est inutilisable</translation>
    </message>
    <message>
        <source>The proxy could not reach the store</source>
        <translation>Le proxy n’a pas pu joindre le stockage</translation>
    </message>
    <message>
        <source>The proxy refused to reach the store</source>
        <translation>Le proxy a refusé de joindre le stockage</translation>
    </message>
    <message>
        <source>The proxy works, but does not let this computer through to {host}: {message}</source>
        <translation>Le proxy fonctionne, mais ne laisse pas cet ordinateur joindre {host}&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The question of the keyring was not answered</source>
        <translation>La question du trousseau est restée sans réponse</translation>
    </message>
    <message>
        <source>The region of the connection is wrong</source>
        <translation>La région de la connexion est incorrecte</translation>
    </message>
    <message>
        <source>The request goes through a proxy that does not answer or refuses it.</source>
        <translation>La requête passe par un proxy qui ne répond pas ou qui la refuse.</translation>
    </message>
    <message>
        <source>The secret key is missing</source>
        <translation>La clé secrète manque</translation>
    </message>
    <message>
        <source>The secret key is only ever kept in the system’s keyring, and none is running.</source>
        <translation>La clé secrète n’est conservée que dans le trousseau du système, et aucun n’est actif.</translation>
    </message>
    <message>
        <source>The secret key is wrong</source>
        <translation>La clé secrète est incorrecte</translation>
    </message>
    <message>
        <source>The store asks to slow down</source>
        <translation>Le stockage demande de ralentir</translation>
    </message>
    <message>
        <source>The store did not accept the request</source>
        <translation>Le stockage n’a pas accepté la requête</translation>
    </message>
    <message>
        <source>The store did not answer in time</source>
        <translation>Le stockage n’a pas répondu à temps</translation>
    </message>
    <message>
        <source>The store did not answer its gateway in time</source>
        <translation>Le stockage n’a pas répondu à temps à sa passerelle</translation>
    </message>
    <message>
        <source>The store does not accept this bucket name</source>
        <translation>Le stockage n’accepte pas ce nom de bucket</translation>
    </message>
    <message>
        <source>The store does not allow this here</source>
        <translation>Le stockage ne le permet pas ici</translation>
    </message>
    <message>
        <source>The store does not have every part that was sent, or has another one: {message}</source>
        <translation>Le stockage n’a pas toutes les parties envoyées, ou en a une autre&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The store does not keep one order of names, so its pages cannot be fetched in parallel: {message}</source>
        <translation>Le stockage ne suit pas un ordre unique des noms, ses pages ne peuvent donc pas être lues en parallèle&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The store does not know this access key</source>
        <translation>Le stockage ne connaît pas cette clé d’accès</translation>
    </message>
    <message>
        <source>The store does not know this storage class</source>
        <translation>Le stockage ne connaît pas cette classe de stockage</translation>
    </message>
    <message>
        <source>The store does not know this upload any more</source>
        <translation>Le stockage ne connaît plus ce téléversement</translation>
    </message>
    <message>
        <source>The store expects the region {region}.</source>
        <translation>Le stockage attend la région {region}.</translation>
    </message>
    <message>
        <source>The store has a problem of its own</source>
        <translation>Le stockage rencontre un problème interne</translation>
    </message>
    <message>
        <source>The store is busy with this bucket</source>
        <translation>Le stockage est occupé avec ce bucket</translation>
    </message>
    <message>
        <source>The store keeps the object under another name</source>
        <translation>Le stockage garde l’objet sous un autre nom</translation>
    </message>
    <message>
        <source>The store knows the access key, but the signature made with the secret key does not match.</source>
        <translation>Le stockage connaît la clé d’accès, mais la signature calculée avec la clé secrète ne correspond pas.</translation>
    </message>
    <message>
        <source>The store knows the key, but its time is over.</source>
        <translation>Le stockage connaît la clé, mais son temps est écoulé.</translation>
    </message>
    <message>
        <source>The store points to another address</source>
        <translation>Le stockage renvoie vers une autre adresse</translation>
    </message>
    <message>
        <source>The store refused the network connection</source>
        <translation>Le stockage a refusé la connexion réseau</translation>
    </message>
    <message>
        <source>The store refused this (403)</source>
        <translation>Le stockage a refusé cette opération (403)</translation>
    </message>
    <message>
        <source>The store refuses every request of the account: {message}</source>
        <translation>Le stockage refuse toute requête de ce compte&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The store refuses requests whose time differs from its own by more than 15 minutes.</source>
        <translation>Le stockage refuse les requêtes dont l’heure s’écarte de la sienne de plus de 15 minutes.</translation>
    </message>
    <message>
        <source>The store refuses this kind of signature for data</source>
        <translation>Le stockage refuse ce type de signature pour les données</translation>
    </message>
    <message>
        <source>The store speaks only an outdated version of TLS</source>
        <translation>Le stockage ne parle qu’une version périmée de TLS</translation>
    </message>
    <message>
        <source>The store takes no part under 5 MB but the last.</source>
        <translation>Le stockage n’accepte aucune partie de moins de 5&#xa0;Mo, sauf la dernière.</translation>
    </message>
    <message>
        <source>The store waited for the rest of the request and gave up: the network is slow or was gone.</source>
        <translation>Le stockage a attendu la suite de la requête, puis a renoncé&#xa0;: le réseau est lent ou a été coupé.</translation>
    </message>
    <message>
        <source>The store wants a session token with this access key, or does not accept the one it got.</source>
        <translation>Le stockage attend un jeton de session avec cette clé d’accès, ou n’accepte pas celui qu’il a reçu.</translation>
    </message>
    <message>
        <source>The store wants another checksum</source>
        <translation>Le stockage veut une autre somme de contrôle</translation>
    </message>
    <message>
        <source>The store wants to know the length beforehand</source>
        <translation>Le stockage veut connaître la longueur à l’avance</translation>
    </message>
    <message>
        <source>The store’s address was not found</source>
        <translation>L’adresse du stockage est introuvable</translation>
    </message>
    <message>
        <source>The store’s certificate has expired</source>
        <translation>Le certificat du stockage a expiré</translation>
    </message>
    <message>
        <source>The store’s certificate is for another name</source>
        <translation>Le certificat du stockage est établi pour un autre nom</translation>
    </message>
    <message>
        <source>The store’s certificate is not valid yet</source>
        <translation>Le certificat du stockage n’est pas encore valable</translation>
    </message>
    <message>
        <source>The store’s certificate is self-signed</source>
        <translation>Le certificat du stockage est autosigné</translation>
    </message>
    <message>
        <source>The store’s certificate is signed by an unknown authority</source>
        <translation>Le certificat du stockage est signé par une autorité inconnue</translation>
    </message>
    <message>
        <source>The store’s certificate was revoked</source>
        <translation>Le certificat du stockage a été révoqué</translation>
    </message>
    <message>
        <source>The store’s identity could not be verified</source>
        <translation>L’identité du stockage n’a pas pu être vérifiée</translation>
    </message>
    <message>
        <source>The system wanted to make one and its question was not answered: {message}</source>
        <translation>Le système a voulu en créer un, et sa question est restée sans réponse&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The system’s keyring answered: {message}</source>
        <translation>Le trousseau du système a répondu&#xa0;: {message}</translation>
    </message>
    <message>
        <source>The usual causes: the access key is disabled or expired, its rights (its role on the bucket) do not allow this, the source address of this computer is not on the bucket’s allow list, the object is under retention, or, more rarely, the clock or the signature is wrong.</source>
        <translation>Les causes habituelles&#xa0;: la clé d’accès est désactivée ou expirée, ses droits (son rôle sur le bucket) ne le permettent pas, l’adresse source de cet ordinateur n’est pas sur la liste d’autorisation du bucket, l’objet est sous rétention ou, plus rarement, l’horloge ou la signature est fausse.</translation>
    </message>
    <message>
        <source>There are too many buckets</source>
        <translation>Il y a trop de buckets</translation>
    </message>
    <message>
        <source>There is a folder of the same name: {message}</source>
        <translation>Il y a un dossier du même nom&#xa0;: {message}</translation>
    </message>
    <message>
        <source>There is no TLS at this port</source>
        <translation>Il n’y a pas de TLS sur ce port</translation>
    </message>
    <message>
        <source>There is no bucket of this name, or it belongs to another namespace.</source>
        <translation>Aucun bucket ne porte ce nom, ou il appartient à un autre namespace.</translation>
    </message>
    <message>
        <source>There is no keyring yet</source>
        <translation>Il n’y a pas encore de trousseau</translation>
    </message>
    <message>
        <source>There is no room left in the store</source>
        <translation>Il n’y a plus de place dans le stockage</translation>
    </message>
    <message>
        <source>There is no secret key for this connection in the keyring, so nothing was sent.</source>
        <translation>Le trousseau ne contient pas de clé secrète pour cette connexion&#xa0;: rien n’a été envoyé.</translation>
    </message>
    <message>
        <source>There is not enough room left for the file.</source>
        <translation>Il ne reste pas assez de place pour le fichier.</translation>
    </message>
    <message>
        <source>This bucket does not allow access rules on objects</source>
        <translation>Ce bucket n’autorise pas de règles d’accès sur les objets</translation>
    </message>
    <message>
        <source>This computer does not allow access to the file</source>
        <translation>Cet ordinateur n’autorise pas l’accès au fichier</translation>
    </message>
    <message>
        <source>This computer knows no way to {host}: it is offline, a VPN is missing, or only IPv6 leads there.</source>
        <translation>Cet ordinateur ne connaît aucun chemin vers {host}&#xa0;: il est hors ligne, il manque un VPN, ou seul IPv6 y mène.</translation>
    </message>
    <message>
        <source>This computer said: {message}</source>
        <translation>Cet ordinateur indique&#xa0;: {message}</translation>
    </message>
    <message>
        <source>This computer says {here}, the store says {there}. More than 15 minutes apart, it refuses every request.</source>
        <translation>Cet ordinateur indique {here}, le stockage {there}. Au-delà de 15&#xa0;minutes d’écart, il refuse toute requête.</translation>
    </message>
    <message>
        <source>This is a temporary key without its token</source>
        <translation>C’est une clé temporaire sans son jeton</translation>
    </message>
    <message>
        <source>This is too large</source>
        <translation>C’est trop volumineux</translation>
    </message>
    <message>
        <source>This name cannot be used</source>
        <translation>Ce nom ne peut pas être utilisé</translation>
    </message>
    <message>
        <source>This should not happen: {message}</source>
        <translation>Cela ne devrait pas arriver&#xa0;: {message}</translation>
    </message>
    <message>
        <source>This store cannot do that</source>
        <translation>Ce stockage ne sait pas faire cela</translation>
    </message>
    <message>
        <source>This version does not exist any more</source>
        <translation>Cette version n’existe plus</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Heure</translation>
    </message>
    <message>
        <source>Try again and answer it, or enter the secret key for this session only.</source>
        <translation>Réessayez et répondez-y, ou saisissez la clé secrète pour cette session seulement.</translation>
    </message>
    <message>
        <source>Try again and choose a password for it, or enter the secret key for this session only.</source>
        <translation>Réessayez et choisissez-lui un mot de passe, ou saisissez la clé secrète pour cette session seulement.</translation>
    </message>
    <message>
        <source>Try again in a minute.</source>
        <translation>Réessayez dans une minute.</translation>
    </message>
    <message>
        <source>Try again later. If it goes on, give the request id to the provider’s support.</source>
        <translation>Réessayez plus tard. Si cela persiste, donnez l’identifiant de requête au support du fournisseur.</translation>
    </message>
    <message>
        <source>Try again. If it goes on, transfer less at once (speed and connections are in the settings).</source>
        <translation>Réessayez. Si cela continue, transférez moins à la fois (débit et connexions se règlent dans les préférences).</translation>
    </message>
    <message>
        <source>Unlock it and try again, or enter the secret key for this session only.</source>
        <translation>Déverrouillez-le et réessayez, ou saisissez la clé secrète pour cette session seulement.</translation>
    </message>
    <message>
        <source>Use a permanent access key of the console: temporary ones are not supported.</source>
        <translation>Utilisez une clé d’accès permanente de la console&#xa0;: les clés temporaires ne sont pas prises en charge.</translation>
    </message>
    <message>
        <source>Use a shorter name, or fewer folders.</source>
        <translation>Choisissez un nom plus court, ou moins de dossiers.</translation>
    </message>
    <message>
        <source>Use another name.</source>
        <translation>Utilisez un autre nom.</translation>
    </message>
    <message>
        <source>Use another proxy, or choose “V4 to list, V2 for data” as signature under Advanced.</source>
        <translation>Passez par un autre proxy, ou choisissez la signature «&#xa0;V4 pour lister, V2 pour les données&#xa0;» dans les options avancées.</translation>
    </message>
    <message>
        <source>Use the key for this session only, or start a keyring (GNOME Keyring, KWallet) and try again.</source>
        <translation>Utilisez la clé pour cette session seulement, ou démarrez un trousseau (GNOME Keyring, KWallet) et réessayez.</translation>
    </message>
    <message>
        <source>Valid from</source>
        <translation>Valable à partir du</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Valable jusqu’au</translation>
    </message>
    <message>
        <source>Wait for its end, or ask who manages the bucket.</source>
        <translation>Attendez ce terme, ou adressez-vous à qui gère le bucket.</translation>
    </message>
    <message>
        <source>What answers at {host} does not speak https: {message}</source>
        <translation>Ce qui répond à {host} ne parle pas https&#xa0;: {message}</translation>
    </message>
    <message>
        <source>What stands between here and {host} answered 502: the store itself may be restarting.</source>
        <translation>Ce qui se trouve entre ici et {host} a répondu 502&#xa0;: le stockage lui-même redémarre peut-être.</translation>
    </message>
    <message>
        <source>What stands between here and {host} answered 504: the store itself may be overloaded.</source>
        <translation>Ce qui se trouve entre ici et {host} a répondu 504&#xa0;: le stockage lui-même est peut-être surchargé.</translation>
    </message>
    <message>
        <source>What the store sent is not the whole: {message}.</source>
        <translation>Ce que le stockage a envoyé n’est pas complet&#xa0;: {message}.</translation>
    </message>
    <message>
        <source>Your quota of the disk is used up</source>
        <translation>Votre quota sur le disque est épuisé</translation>
    </message>
    <message>
        <source>the next page begins at a name that cannot be sent</source>
        <translation>la page suivante commence à un nom qui ne peut pas être envoyé</translation>
    </message>
    <message>
        <source>{host} accepted the request and then stayed silent, or could not be reached at all.</source>
        <translation>{host} a accepté la requête puis n’a plus rien répondu, ou n’a pas pu être joint.</translation>
    </message>
    <message>
        <source>{host} and this computer have no safe version of TLS in common: 1.2 or newer is needed ({message}).</source>
        <translation>{host} et cet ordinateur n’ont aucune version sûre de TLS en commun&#xa0;: il faut au moins la 1.2 ({message}).</translation>
    </message>
    <message>
        <source>{host} answered with something else, as the login page of a hotel network or a wrong endpoint does.</source>
        <translation>{host} a répondu autre chose, comme le font la page d’identification d’un réseau d’hôtel ou un mauvais endpoint.</translation>
    </message>
    <message>
        <source>{host} redirects to {target}. A redirect is never followed, since it could carry your signature elsewhere.</source>
        <translation>{host} redirige vers {target}. Une redirection n’est jamais suivie, car elle pourrait emporter votre signature ailleurs.</translation>
    </message>
    <message>
        <source>{host} was found, but nothing accepts connections there, or a firewall is in between.</source>
        <translation>{host} a été trouvé, mais rien n’y accepte de connexions, ou un pare-feu les bloque.</translation>
    </message>
    <message>
        <source>“Why?” finds out which it is. Or check in the console: the key, its role on the bucket (read_only, read_write, write_only, maintainer), the bucket’s allowed addresses, and its delete protection.</source>
        <translation>«&#xa0;Pourquoi&#xa0;?&#xa0;» trouve laquelle. Ou vérifiez dans la console&#xa0;: la clé, son rôle sur le bucket (read_only, read_write, write_only, maintainer), les adresses autorisées du bucket et sa protection contre la suppression.</translation>
    </message>
</context>
<context>
    <name>hand-out</name>
    <message>
        <source>Getting {items} ready to be pasted</source>
        <translation>Préparation de {items} à coller</translation>
    </message>
    <message>
        <source>Getting {items} ready: keep the button held, or drag again once they are ready</source>
        <translation>Préparation de {items}&#xa0;: gardez le bouton enfoncé, ou glissez à nouveau une fois prêt</translation>
    </message>
    <message>
        <source>More than {size} or {count} objects are too much to drag or to copy as files: use Download</source>
        <translation>Plus de {size} ou de {count} objets, c’est trop pour glisser ou copier des fichiers&#xa0;: utilisez Télécharger</translation>
    </message>
    <message>
        <source>Nothing of the selection is there any more</source>
        <translation>Rien de la sélection n’existe plus</translation>
    </message>
    <message>
        <source>Ready: drag them out now</source>
        <translation>Prêt&#xa0;: vous pouvez les glisser maintenant</translation>
    </message>
    <message>
        <source>The store does not tell how large this is: use Download in place of dragging or copying</source>
        <translation>Le stockage n’indique pas la taille&#xa0;: utilisez Télécharger au lieu de glisser ou de copier</translation>
    </message>
    <message>
        <source>{items} can be pasted in other programs, until this one ends</source>
        <translation>{items} à coller dans d’autres programmes, tant que celui-ci est ouvert</translation>
    </message>
    <message>
        <source>{n} item</source>
        <translation>{n} élément</translation>
    </message>
    <message>
        <source>{n} items</source>
        <translation>{n} éléments</translation>
    </message>
</context>
<context>
    <name>inspector</name>
    <message>
        <source>Access</source>
        <translation>Accès</translation>
    </message>
    <message>
        <source>Content-Type</source>
        <translation>Content-Type</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Détails</translation>
    </message>
    <message>
        <source>ETag</source>
        <translation>ETag</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Chargement…</translation>
    </message>
    <message>
        <source>Metadata: {name}</source>
        <translation>Métadonnée&#xa0;: {name}</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Modifié</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Nothing selected</source>
        <translation>Aucune sélection</translation>
    </message>
    <message>
        <source>Owner</source>
        <translation>Propriétaire</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>Preview of the picture</source>
        <translation>Aperçu de l’image</translation>
    </message>
    <message>
        <source>Preview of the text</source>
        <translation>Aperçu du texte</translation>
    </message>
    <message>
        <source>Private</source>
        <translation>Privé</translation>
    </message>
    <message>
        <source>Public URL</source>
        <translation>URL publique</translation>
    </message>
    <message>
        <source>Public: anyone with the URL can read</source>
        <translation>Public&#xa0;: toute personne ayant l’URL peut lire</translation>
    </message>
    <message>
        <source>Select an object to see its contents and details.</source>
        <translation>Sélectionnez un objet pour voir son contenu et ses détails.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Storage class</source>
        <translation>Classe de stockage</translation>
    </message>
    <message>
        <source>This picture cannot be shown: it is damaged or too large.</source>
        <translation>Cette image ne peut pas être affichée&#xa0;: elle est endommagée ou trop grande.</translation>
    </message>
    <message>
        <source>Version id</source>
        <translation>Identifiant de version</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versions</translation>
    </message>
    <message>
        <source>{name}</source>
        <translation>{name}</translation>
    </message>
    <message>
        <source>{n} item selected</source>
        <translation>{n} élément sélectionné</translation>
    </message>
    <message>
        <source>{n} items selected</source>
        <translation>{n} éléments sélectionnés</translation>
    </message>
    <message>
        <source>{size} · {type}</source>
        <translation>{size} · {type}</translation>
    </message>
    <message>
        <source>{who}</source>
        <translation>{who}</translation>
    </message>
</context>
<context>
    <name>limits</name>
    <message>
        <source>Another speed…</source>
        <translation>Un autre débit…</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Appliquer</translation>
    </message>
    <message>
        <source>Download speed</source>
        <translation>Débit de téléchargement</translation>
    </message>
    <message>
        <source>Large files at a time</source>
        <translation>Gros fichiers à la fois</translation>
    </message>
    <message>
        <source>Large files at a time: {n}</source>
        <translation>Gros fichiers à la fois&#xa0;: {n}</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Limites</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>Sans limite</translation>
    </message>
    <message>
        <source>The most that all transfers together use, like “2 MB/s” or “500 KB/s”:</source>
        <translation>Le maximum pour tous les transferts ensemble, comme «&#xa0;2&#xa0;Mo/s&#xa0;» ou «&#xa0;500&#xa0;Ko/s&#xa0;»&#xa0;:</translation>
    </message>
    <message>
        <source>Upload speed</source>
        <translation>Débit de téléversement</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>{title}: {rate}</source>
        <translation>{title}&#xa0;: {rate}</translation>
    </message>
</context>
<context>
    <name>location</name>
    <message>
        <source>(empty name)</source>
        <translation>(nom vide)</translation>
    </message>
    <message>
        <source>Click to type a location</source>
        <translation>Cliquez pour saisir un emplacement</translation>
    </message>
    <message>
        <source>Everything below</source>
        <translation>Tout le contenu</translation>
    </message>
    <message>
        <source>Folders above</source>
        <translation>Dossiers parents</translation>
    </message>
    <message>
        <source>Location</source>
        <translation>Emplacement</translation>
    </message>
    <message>
        <source>Search by size or date</source>
        <translation>Recherche par taille ou date</translation>
    </message>
    <message>
        <source>Search: {text}</source>
        <translation>Recherche&#xa0;: {text}</translation>
    </message>
    <message>
        <source>This is neither s3://bucket/folder nor the URL of an endpoint.</source>
        <translation>Ce n’est ni s3://bucket/dossier ni l’URL d’un endpoint.</translation>
    </message>
    <message>
        <source>s3://bucket/folder or an endpoint’s URL</source>
        <translation>s3://bucket/dossier ou l’URL d’un endpoint</translation>
    </message>
</context>
<context>
    <name>measure</name>
    <message>
        <source>Below here: {amount}</source>
        <translation>Sous ce dossier&#xa0;: {amount}</translation>
    </message>
    <message>
        <source>Calculate size</source>
        <translation>Calculer la taille</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Count again</source>
        <translation>Recompter</translation>
    </message>
    <message>
        <source>Counted {when}</source>
        <translation>Compté {when}</translation>
    </message>
    <message>
        <source>Counting…</source>
        <translation>Comptage…</translation>
    </message>
    <message>
        <source>It could not be counted: {why}. {todo}</source>
        <translation>Comptage impossible&#xa0;: {why}. {todo}</translation>
    </message>
    <message>
        <source>Partial, counted {when}: you stopped it, and there may be more.</source>
        <translation>Partiel, compté {when}&#xa0;: vous l’avez arrêté, et il peut y en avoir d’autres.</translation>
    </message>
    <message>
        <source>Partial, counted {when}: {why}. {todo}</source>
        <translation>Partiel, compté {when}&#xa0;: {why}. {todo}</translation>
    </message>
    <message>
        <source>Storage view</source>
        <translation>Vue du stockage</translation>
    </message>
    <message>
        <source>What folders hold is not counted yet.</source>
        <translation>Le contenu des dossiers n’est pas encore compté.</translation>
    </message>
    <message>
        <source>What is below here is not counted yet.</source>
        <translation>Le contenu de ce dossier n’est pas encore compté.</translation>
    </message>
    <message>
        <source>at least {objects}, {size}</source>
        <translation>au moins {objects}, {size}</translation>
    </message>
    <message>
        <source>the size of {n} object is not known</source>
        <translation>la taille de {n} objet est inconnue</translation>
    </message>
    <message>
        <source>the size of {n} objects is not known</source>
        <translation>la taille de {n} objets est inconnue</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{objects}, {size}</source>
        <translation>{objects}, {size}</translation>
    </message>
    <message>
        <source>{objects}, {size} so far</source>
        <translation>{objects}, {size} jusqu’ici</translation>
    </message>
    <message>
        <source>{size} in objects. What folders hold is not counted yet.</source>
        <translation>{size} d’objets. Le contenu des dossiers n’est pas encore compté.</translation>
    </message>
    <message>
        <source>{state} · changed since</source>
        <translation>{state} · modifié depuis</translation>
    </message>
    <message>
        <source>{state} · {unknown}</source>
        <translation>{state} · {unknown}</translation>
    </message>
</context>
<context>
    <name>notice</name>
    <message>
        <source>Close message</source>
        <translation>Fermer le message</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Détails…</translation>
    </message>
</context>
<context>
    <name>open</name>
    <message>
        <source>No program was found that opens “{name}”</source>
        <translation>Aucun programme trouvé pour ouvrir «&#xa0;{name}&#xa0;»</translation>
    </message>
    <message>
        <source>No program was found that shows “{path}”</source>
        <translation>Aucun programme trouvé pour afficher «&#xa0;{path}&#xa0;»</translation>
    </message>
    <message>
        <source>The folder “{path}” is not there</source>
        <translation>Le dossier «&#xa0;{path}&#xa0;» n’est pas là</translation>
    </message>
    <message>
        <source>“{name}” is not there any more as it was downloaded</source>
        <translation>«&#xa0;{name}&#xa0;» n’est plus là tel qu’il a été téléchargé</translation>
    </message>
</context>
<context>
    <name>preview</name>
    <message>
        <source>JSON, indented for reading.</source>
        <translation>JSON, mis en forme pour la lecture.</translation>
    </message>
    <message>
        <source>The first {n} lines.</source>
        <translation>Les {n} premières lignes.</translation>
    </message>
    <message>
        <source>The first {shown} of {size}.</source>
        <translation>Les premiers {shown} sur {size}.</translation>
    </message>
    <message>
        <source>This is not text and no picture that can be shown here. Download it to open it.</source>
        <translation>Ce n’est ni un texte ni une image affichable ici. Téléchargez l’objet pour l’ouvrir.</translation>
    </message>
    <message>
        <source>This is not valid JSON: line {line}, column {column}.</source>
        <translation>Ce JSON n’est pas valide&#xa0;: ligne {line}, colonne {column}.</translation>
    </message>
    <message>
        <source>This object is empty.</source>
        <translation>Cet objet est vide.</translation>
    </message>
    <message>
        <source>This picture has {size}; up to {limit} can be shown. Download it to see it.</source>
        <translation>Cette image fait {size}&#xa0;; l’affichage est limité à {limit}. Téléchargez-la pour la voir.</translation>
    </message>
</context>
<context>
    <name>probe</name>
    <message>
        <source>Differs from the store’s by {span}</source>
        <translation>Écart avec celle du stockage&#xa0;: {span}</translation>
    </message>
    <message>
        <source>Not encrypted (http)</source>
        <translation>Non chiffré (http)</translation>
    </message>
    <message>
        <source>The bucket {name} can be listed</source>
        <translation>Le bucket {name} peut être listé</translation>
    </message>
    <message>
        <source>This key may not list the buckets. Add yours by name in the sidebar.</source>
        <translation>Cette clé n’a pas le droit de lister les buckets. Ajoutez le vôtre par son nom dans la barre latérale.</translation>
    </message>
    <message>
        <source>{count} can be listed</source>
        <translation>Listage possible&#xa0;: {count}</translation>
    </message>
    <message>
        <source>{n} bucket</source>
        <translation>{n} bucket</translation>
    </message>
    <message>
        <source>{n} buckets</source>
        <translation>{n} buckets</translation>
    </message>
</context>
<context>
    <name>query</name>
    <message>
        <source>The first day is after the last.</source>
        <translation>Le premier jour est après le dernier.</translation>
    </message>
    <message>
        <source>The smallest size is above the largest.</source>
        <translation>La taille minimale dépasse la taille maximale.</translation>
    </message>
    <message>
        <source>This is not a regular expression: {why}. {where}</source>
        <translation>Ce n’est pas une expression rationnelle&#xa0;: {why}. {where}</translation>
    </message>
    <message>
        <source>This regular expression is too large.</source>
        <translation>Cette expression rationnelle est trop grande.</translation>
    </message>
</context>
<context>
    <name>report</name>
    <message>
        <source>Continue</source>
        <translation>Continuer</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Copier le rapport</translation>
    </message>
    <message>
        <source>Error in the program</source>
        <translation>Erreur du programme</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Rapport</translation>
    </message>
    <message>
        <source>Something went wrong in the program itself</source>
        <translation>Une erreur s’est produite dans le programme lui-même</translation>
    </message>
    <message>
        <source>The log has more: {folder}</source>
        <translation>Le journal en dit plus&#xa0;: {folder}</translation>
    </message>
    <message>
        <source>You can go on working. Nothing of yours was sent anywhere; please report it with the text below.</source>
        <translation>Vous pouvez continuer à travailler. Aucune de vos données n’a été envoyée où que ce soit&#xa0;; merci de signaler l’erreur avec le texte ci-dessous.</translation>
    </message>
</context>
<context>
    <name>search</name>
    <message>
        <source>2026-11-30, or a time back from today such as 7 days</source>
        <translation>2026-11-30, ou une durée jusqu’à aujourd’hui comme 7&#xa0;jours</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7&#xa0;jours</translation>
    </message>
    <message>
        <source>A regular expression of Python, found anywhere in the path below this folder.</source>
        <translation>Une expression rationnelle de Python, trouvée n’importe où dans le chemin sous ce dossier.</translation>
    </message>
    <message>
        <source>Also by size and date</source>
        <translation>Aussi par taille et date</translation>
    </message>
    <message>
        <source>Broke off after {objects} ({size}), {found} found</source>
        <translation>Interruption après {objects} ({size}), trouvés&#xa0;: {found}</translation>
    </message>
    <message>
        <source>Changed since</source>
        <translation>Modifié depuis</translation>
    </message>
    <message>
        <source>Changed until</source>
        <translation>Modifié jusqu’au</translation>
    </message>
    <message>
        <source>Choose a day</source>
        <translation>Choisir un jour</translation>
    </message>
    <message>
        <source>Close search</source>
        <translation>Fermer la recherche</translation>
    </message>
    <message>
        <source>Contains</source>
        <translation>Contient</translation>
    </message>
    <message>
        <source>How the text is matched</source>
        <translation>Mode de correspondance du texte</translation>
    </message>
    <message>
        <source>Largest size</source>
        <translation>Taille maximale</translation>
    </message>
    <message>
        <source>Looked at all of {objects} ({size}) below here, {found} found</source>
        <translation>Tout est examiné&#xa0;: {objects} ({size}), trouvés&#xa0;: {found}</translation>
    </message>
    <message>
        <source>Looked at {objects} ({size}) below here, {found} found; {why}</source>
        <translation>Examinés&#xa0;: {objects} ({size}), trouvés&#xa0;: {found}&#xa0;; {why}</translation>
    </message>
    <message>
        <source>Looked at {objects} ({size}) so far, {found} found</source>
        <translation>Examiné jusqu’ici&#xa0;: {objects} ({size}), trouvés&#xa0;: {found}</translation>
    </message>
    <message>
        <source>Match case</source>
        <translation>Respecter la casse</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Modifié</translation>
    </message>
    <message>
        <source>Regular expression</source>
        <translation>Expression rationnelle</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Rechercher</translation>
    </message>
    <message>
        <source>Search below this folder</source>
        <translation>Rechercher sous ce dossier</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>Size, date</source>
        <translation>Taille, date</translation>
    </message>
    <message>
        <source>Smallest size</source>
        <translation>Taille minimale</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Stopped after {objects} ({size}), {found} found</source>
        <translation>Arrêt après {objects} ({size}), trouvés&#xa0;: {found}</translation>
    </message>
    <message>
        <source>The text occurs in the name or in the path below this folder.</source>
        <translation>Le texte figure dans le nom ou dans le chemin sous ce dossier.</translation>
    </message>
    <message>
        <source>This is no day: write 2026-11-30, or a time back from today such as 7 days.</source>
        <translation>Ce n’est pas un jour&#xa0;: écrivez 2026-11-30, ou une durée jusqu’à aujourd’hui comme 7&#xa0;jours.</translation>
    </message>
    <message>
        <source>This is no size: write a number and a unit, such as 10 MB or 1.5 GiB.</source>
        <translation>Ce n’est pas une taille&#xa0;: écrivez un nombre et une unité, comme 10&#xa0;Mo ou 1,5&#xa0;Gio.</translation>
    </message>
    <message>
        <source>Type a part of a name, or give a size or a date.</source>
        <translation>Saisissez une partie d’un nom, ou donnez une taille ou une date.</translation>
    </message>
    <message>
        <source>Wildcards</source>
        <translation>Jokers</translation>
    </message>
    <message>
        <source>today</source>
        <translation>aujourd’hui</translation>
    </message>
    <message>
        <source>{any} is any text, {one} one character. With a {mark} it must fit the whole path, else the whole name.</source>
        <translation>{any} est un texte quelconque, {one} un caractère. Avec un {mark}, le chemin entier doit correspondre, sinon le nom entier.</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Apparence</translation>
    </message>
    <message>
        <source>&amp;Compact rows</source>
        <translation>Lignes &amp;compactes</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Langue</translation>
    </message>
    <message>
        <source>A desktop client for Cloud Temple object storage and any other S3 store. MIT licence.</source>
        <translation>Client de bureau pour le stockage objet Cloud Temple et tout autre stockage S3. Licence MIT.</translation>
    </message>
    <message>
        <source>About Cloud Temple Browser</source>
        <translation>À propos de Cloud Temple Browser</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Appliquer</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Comme le système</translation>
    </message>
    <message>
        <source>Ask &amp;before every upload, not only before overwriting</source>
        <translation>Demander a&amp;vant chaque téléversement, même sans écrasement</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Commande</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Sombre</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Français</source>
        <translation>Français</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Général</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Commandes et raccourcis</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Raccourcis</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Clair</translation>
    </message>
    <message>
        <source>Log: {folder}</source>
        <translation>Journal&#xa0;: {folder}</translation>
    </message>
    <message>
        <source>Made with Qt and PySide6 under the LGPL version 3, whose libraries may be replaced.</source>
        <translation>Réalisé avec Qt et PySide6, sous licence LGPL version 3&#xa0;; ces bibliothèques peuvent être remplacées.</translation>
    </message>
    <message>
        <source>No usable keyring was found: secret keys are kept for the session only.</source>
        <translation>Aucun trousseau utilisable n’a été trouvé&#xa0;: les clés secrètes ne sont gardées que pour la session.</translation>
    </message>
    <message>
        <source>Secret keys are kept in {name}.</source>
        <translation>Les clés secrètes sont conservées dans {name}.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Préférences</translation>
    </message>
    <message>
        <source>Sizes in &amp;KiB and MiB (powers of 1,024)</source>
        <translation>Tailles en &amp;Kio et Mio (puissances de 1&#xa0;024)</translation>
    </message>
    <message>
        <source>Sort names by the &amp;numbers in them (2 before 10)</source>
        <translation>Trier les noms selon les &amp;nombres qu’ils contiennent (2 avant 10)</translation>
    </message>
    <message>
        <source>The keyring does not answer at the moment. It is asked again when a key is needed.</source>
        <translation>Le trousseau ne répond pas pour l’instant. Il est interrogé à nouveau dès qu’une clé est nécessaire.</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transferts</translation>
    </message>
</context>
<context>
    <name>shell</name>
    <message>
        <source>CSV, for spreadsheets (*.csv)</source>
        <translation>CSV, pour les tableurs (*.csv)</translation>
    </message>
    <message>
        <source>Download {items} to</source>
        <translation>Télécharger {items} vers</translation>
    </message>
    <message>
        <source>Export the row shown</source>
        <translation>Exporter la ligne affichée</translation>
    </message>
    <message>
        <source>Export the {n} rows shown</source>
        <translation>Exporter les {n} lignes affichées</translation>
    </message>
    <message>
        <source>Export {n} selected row</source>
        <translation>Exporter {n} ligne sélectionnée</translation>
    </message>
    <message>
        <source>Export {n} selected rows</source>
        <translation>Exporter {n} lignes sélectionnées</translation>
    </message>
    <message>
        <source>JSON lines, for programs (*.jsonl)</source>
        <translation>JSON par lignes, pour les programmes (*.jsonl)</translation>
    </message>
    <message>
        <source>Upload a folder</source>
        <translation>Téléverser un dossier</translation>
    </message>
    <message>
        <source>Upload files</source>
        <translation>Téléverser des fichiers</translation>
    </message>
    <message>
        <source>{n} item</source>
        <translation>{n} élément</translation>
    </message>
    <message>
        <source>{n} items</source>
        <translation>{n} éléments</translation>
    </message>
    <message>
        <source>{what}</source>
        <translation>{what}</translation>
    </message>
    <message>
        <source>{what} of an incomplete list</source>
        <translation>{what} d’une liste incomplète</translation>
    </message>
</context>
<context>
    <name>sidebar</name>
    <message>
        <source>Add bucket by name…</source>
        <translation>Ajouter par nom…</translation>
    </message>
    <message>
        <source>Buckets cannot be listed</source>
        <translation>Liste indisponible</translation>
    </message>
    <message>
        <source>Connections and buckets</source>
        <translation>Connexions et buckets</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Chargement…</translation>
    </message>
    <message>
        <source>{name} (added by name)</source>
        <translation>{name} (ajouté par son nom)</translation>
    </message>
</context>
<context>
    <name>states</name>
    <message>
        <source>All there is below this folder was looked at: {looked}.</source>
        <translation>Tout le contenu de ce dossier a été examiné&#xa0;: {looked}.</translation>
    </message>
    <message>
        <source>Back to the folder</source>
        <translation>Retour au dossier</translation>
    </message>
    <message>
        <source>Browse and manage your buckets on Cloud Temple object storage and on any other S3 store.</source>
        <translation>Parcourez et gérez vos buckets sur le stockage objet Cloud Temple et sur tout autre stockage S3.</translation>
    </message>
    <message>
        <source>Change the search</source>
        <translation>Modifier la recherche</translation>
    </message>
    <message>
        <source>Choose one on the left, or make a new one.</source>
        <translation>Choisissez-en une à gauche, ou créez-en une nouvelle.</translation>
    </message>
    <message>
        <source>Connect to Cloud Temple</source>
        <translation>Se connecter à Cloud Temple</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Détails…</translation>
    </message>
    <message>
        <source>Drop files or folders here, or upload them.</source>
        <translation>Déposez ici des fichiers ou des dossiers, ou téléversez-les.</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Chargement…</translation>
    </message>
    <message>
        <source>Make one, or add one by name that this key may use but not list.</source>
        <translation>Créez-en un, ou ajoutez par son nom un bucket que cette clé peut utiliser sans pouvoir le lister.</translation>
    </message>
    <message>
        <source>No connection is open</source>
        <translation>Aucune connexion n’est ouverte</translation>
    </message>
    <message>
        <source>No name contains “{needle}”</source>
        <translation>Aucun nom ne contient «&#xa0;{needle}&#xa0;»</translation>
    </message>
    <message>
        <source>Nothing meets the search</source>
        <translation>Aucun objet ne correspond à la recherche</translation>
    </message>
    <message>
        <source>Nothing was found up to there. {looked} looked at; there may be more.</source>
        <translation>Rien n’a été trouvé jusque-là. {looked} examinés&#xa0;; il peut y en avoir d’autres.</translation>
    </message>
    <message>
        <source>Nothing was loaded before.</source>
        <translation>Rien n’avait encore été chargé.</translation>
    </message>
    <message>
        <source>Other S3 store</source>
        <translation>Autre stockage S3</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>Relancer la recherche</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>Recherche…</translation>
    </message>
    <message>
        <source>Stop the search</source>
        <translation>Arrêter la recherche</translation>
    </message>
    <message>
        <source>That is usual for keys made for one bucket. Add your bucket by its name.</source>
        <translation>C’est courant pour une clé créée pour un seul bucket. Ajoutez votre bucket par son nom.</translation>
    </message>
    <message>
        <source>The filter looks at the names loaded here, not below and not elsewhere.</source>
        <translation>Le filtre porte sur les noms chargés ici, pas sur les sous-dossiers ni ailleurs.</translation>
    </message>
    <message>
        <source>The first page is on its way.</source>
        <translation>La première page arrive.</translation>
    </message>
    <message>
        <source>The listing was stopped</source>
        <translation>Le chargement de la liste a été arrêté</translation>
    </message>
    <message>
        <source>The search was stopped</source>
        <translation>La recherche a été arrêtée</translation>
    </message>
    <message>
        <source>There is no bucket yet</source>
        <translation>Il n’y a pas encore de bucket</translation>
    </message>
    <message>
        <source>This folder is empty</source>
        <translation>Ce dossier est vide</translation>
    </message>
    <message>
        <source>This key may not list the buckets</source>
        <translation>Cette clé n’a pas le droit de lister les buckets</translation>
    </message>
    <message>
        <source>Welcome to Cloud Temple Browser</source>
        <translation>Bienvenue dans Cloud Temple Browser</translation>
    </message>
    <message>
        <source>What is found shows here as it comes.</source>
        <translation>Les objets trouvés apparaissent ici au fur et à mesure.</translation>
    </message>
    <message>
        <source>You may not list this folder</source>
        <translation>Vous n’avez pas le droit de lister ce dossier</translation>
    </message>
    <message>
        <source>{why} You may still upload here, or open a folder by its name.</source>
        <translation>{why} Vous pouvez peut-être y téléverser, ou ouvrir un dossier par son nom.</translation>
    </message>
    <message>
        <source>{why} {todo}</source>
        <translation>{why} {todo}</translation>
    </message>
</context>
<context>
    <name>status</name>
    <message>
        <source>Cancel listing</source>
        <translation>Arrêter le chargement de la liste</translation>
    </message>
    <message>
        <source>Listing… {n}</source>
        <translation>Chargement de la liste… {n}</translation>
    </message>
    <message>
        <source>V2</source>
        <translation>V2</translation>
    </message>
    <message>
        <source>V4</source>
        <translation>V4</translation>
    </message>
    <message>
        <source>V4/V2</source>
        <translation>V4/V2</translation>
    </message>
    <message>
        <source>not encrypted</source>
        <translation>non chiffré</translation>
    </message>
    <message>
        <source>{n} bucket</source>
        <translation>{n} bucket</translation>
    </message>
    <message>
        <source>{n} buckets</source>
        <translation>{n} buckets</translation>
    </message>
    <message>
        <source>{n} entries left out</source>
        <translation>{n} entrées laissées de côté</translation>
    </message>
    <message>
        <source>{n} entry left out</source>
        <translation>{n} entrée laissée de côté</translation>
    </message>
    <message>
        <source>{n} folder</source>
        <translation>{n} dossier</translation>
    </message>
    <message>
        <source>{n} folders</source>
        <translation>{n} dossiers</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n} selected</source>
        <translation>Sélection&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{n} selected, {size}</source>
        <translation>Sélection&#xa0;: {n}, {size}</translation>
    </message>
    <message>
        <source>{n} shown by the filter</source>
        <translation>affichés par le filtre&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{n} size or date unreadable</source>
        <translation>{n} taille ou date illisible</translation>
    </message>
    <message>
        <source>{n} sizes or dates unreadable</source>
        <translation>{n} tailles ou dates illisibles</translation>
    </message>
    <message>
        <source>{objects}, {size}</source>
        <translation>{objects}, {size}</translation>
    </message>
</context>
<context>
    <name>storage</name>
    <message>
        <source>(empty name)</source>
        <translation>(nom vide)</translation>
    </message>
    <message>
        <source>1 to 3 months old</source>
        <translation>De 1 à 3 mois</translation>
    </message>
    <message>
        <source>1 to 7 days old</source>
        <translation>De 1 à 7 jours</translation>
    </message>
    <message>
        <source>3 to 12 months old</source>
        <translation>De 3 à 12 mois</translation>
    </message>
    <message>
        <source>7 to 30 days old</source>
        <translation>De 7 à 30 jours</translation>
    </message>
    <message>
        <source>About {what}</source>
        <translation>Environ {what}</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Âge</translation>
    </message>
    <message>
        <source>All objects here are empty. “By number” shows where they are.</source>
        <translation>Tous les objets sont vides ici. «&#xa0;Par nombre&#xa0;» montre où ils se trouvent.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Précédent</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>Par nombre</translation>
    </message>
    <message>
        <source>By size</source>
        <translation>Par taille</translation>
    </message>
    <message>
        <source>Counting…</source>
        <translation>Comptage…</translation>
    </message>
    <message>
        <source>Date not known</source>
        <translation>Date inconnue</translation>
    </message>
    <message>
        <source>Directly here</source>
        <translation>Directement ici</translation>
    </message>
    <message>
        <source>Extension</source>
        <translation>Extension</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Dossier</translation>
    </message>
    <message>
        <source>Largest first</source>
        <translation>Du plus grand au plus petit</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>No extension</source>
        <translation>Sans extension</translation>
    </message>
    <message>
        <source>Nothing was counted.</source>
        <translation>Rien n’a été compté.</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Objets</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Autres</translation>
    </message>
    <message>
        <source>Over 1 year old</source>
        <translation>Plus d’un an</translation>
    </message>
    <message>
        <source>Share of all</source>
        <translation>Part du total</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>Storage of {place}</source>
        <translation>Stockage de {place}</translation>
    </message>
    <message>
        <source>There is no object here.</source>
        <translation>Il n’y a aucun objet ici.</translation>
    </message>
    <message>
        <source>Treemap</source>
        <translation>Carte proportionnelle</translation>
    </message>
    <message>
        <source>Under 1 day old</source>
        <translation>Moins d’un jour</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Remonter</translation>
    </message>
    <message>
        <source>archive</source>
        <translation>archive</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>audio</translation>
    </message>
    <message>
        <source>code</source>
        <translation>code</translation>
    </message>
    <message>
        <source>data</source>
        <translation>données</translation>
    </message>
    <message>
        <source>document</source>
        <translation>document</translation>
    </message>
    <message>
        <source>image</source>
        <translation>image</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texte</translation>
    </message>
    <message>
        <source>under {n}%</source>
        <translation>moins de {n}&#xa0;%</translation>
    </message>
    <message>
        <source>video</source>
        <translation>vidéo</translation>
    </message>
    <message>
        <source>{name}: {size}, {objects}, {share}</source>
        <translation>{name}&#xa0;: {size}, {objects}, {share}</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n} rarer extension</source>
        <translation>{n} extension plus rare</translation>
    </message>
    <message>
        <source>{n} rarer extensions</source>
        <translation>{n} extensions plus rares</translation>
    </message>
    <message>
        <source>{n} smaller folder</source>
        <translation>{n} dossier plus petit</translation>
    </message>
    <message>
        <source>{n} smaller folders</source>
        <translation>{n} dossiers plus petits</translation>
    </message>
    <message>
        <source>{n}%</source>
        <translation>{n}&#xa0;%</translation>
    </message>
    <message>
        <source>{state} · oldest {oldest} · newest {newest}</source>
        <translation>{state} · le plus ancien {oldest} · le plus récent {newest}</translation>
    </message>
</context>
<context>
    <name>table</name>
    <message>
        <source>(empty name)</source>
        <translation>(nom vide)</translation>
    </message>
    <message>
        <source>Bucket</source>
        <translation>Bucket</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Dossier</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Modifié</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Objets</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Chemin</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>Storage class</source>
        <translation>Classe</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Type</translation>
    </message>
    <message>
        <source>public</source>
        <translation>public</translation>
    </message>
    <message>
        <source>{name}, folder</source>
        <translation>{name}, dossier</translation>
    </message>
    <message>
        <source>{name}, public: anyone with the URL can read it</source>
        <translation>{name}, public&#xa0;: toute personne ayant l’URL peut le lire</translation>
    </message>
</context>
<context>
    <name>traits</name>
    <message>
        <source>It compares ETags without their quotes.</source>
        <translation>Il compare les ETags sans leurs guillemets.</translation>
    </message>
    <message>
        <source>It does not keep the condition of a write: what is there is looked at just before each one.</source>
        <translation>Il ne respecte pas la condition d’une écriture&#xa0;: ce qui est là est vérifié juste avant chacune.</translation>
    </message>
    <message>
        <source>It keeps the condition of a write: what came meanwhile is not replaced.</source>
        <translation>Il respecte la condition d’une écriture&#xa0;: ce qui est arrivé entre-temps n’est pas remplacé.</translation>
    </message>
    <message>
        <source>It knows ListObjects only, not ListObjectsV2.</source>
        <translation>Il ne connaît que ListObjects, pas ListObjectsV2.</translation>
    </message>
    <message>
        <source>It refuses DeleteObjects: objects are deleted one by one.</source>
        <translation>Il refuse DeleteObjects&#xa0;: les objets sont supprimés un par un.</translation>
    </message>
    <message>
        <source>It refuses conditional writes: what is there is looked at just before each one.</source>
        <translation>Il refuse les écritures conditionnelles&#xa0;: ce qui est là est vérifié juste avant chacune.</translation>
    </message>
    <message>
        <source>It wants the SHA-256 of every body signed, over http:// too.</source>
        <translation>Il veut que le SHA-256 de chaque corps soit signé, même en http://.</translation>
    </message>
</context>
<context>
    <name>transfer-settings</name>
    <message>
        <source>&amp;Download speed</source>
        <translation>Débit de télé&amp;chargement</translation>
    </message>
    <message>
        <source>&amp;Go on at start with what was interrupted</source>
        <translation>Poursuivre au démarra&amp;ge ce qui a été interrompu</translation>
    </message>
    <message>
        <source>&amp;Never upload</source>
        <translation>&amp;Ne jamais téléverser</translation>
    </message>
    <message>
        <source>&amp;Upload speed</source>
        <translation>Débit de télé&amp;versement</translation>
    </message>
    <message>
        <source>Keep the &amp;times of files (stored as metadata)</source>
        <translation>Conserver les da&amp;tes des fichiers (dans les métadonnées)</translation>
    </message>
    <message>
        <source>Large &amp;files at a time</source>
        <translation>Gros &amp;fichiers à la fois</translation>
    </message>
    <message>
        <source>One file name a line, like thumbs.db</source>
        <translation>Un nom de fichier par ligne, comme thumbs.db</translation>
    </message>
    <message>
        <source>Store the &amp;SHA-256 of uploads as metadata (reads each file once more)</source>
        <translation>Joindre le &amp;SHA-256 des fichiers téléversés aux métadonnées (chaque fichier est lu une fois de plus)</translation>
    </message>
    <message>
        <source>Upload what symbolic &amp;links point to (else they are left out)</source>
        <translation>Téléverser la cible des &amp;liens symboliques (sinon ils sont laissés de côté)</translation>
    </message>
</context>
<context>
    <name>transfers</name>
    <message>
        <source>Action</source>
        <translation>Action</translation>
    </message>
    <message>
        <source>All {n} failed</source>
        <translation>{n} sur {n} en échec</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Volume</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Annulé</translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation>Effacer les transferts terminés</translation>
    </message>
    <message>
        <source>Delete {what} from {where}</source>
        <translation>Suppression de {what} dans {where}</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Détails…</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Terminé</translation>
    </message>
    <message>
        <source>Done, checksum not available</source>
        <translation>Terminé, sans somme de contrôle</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Échec</translation>
    </message>
    <message>
        <source>Failed: {why}</source>
        <translation>Échec&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Left out: {why}</source>
        <translation>Laissé de côté&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Looking for files</source>
        <translation>Recherche des fichiers</translation>
    </message>
    <message>
        <source>Looking for objects</source>
        <translation>Recherche des objets</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>No transfers</source>
        <translation>Aucun transfert</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Ouvrir</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Suspendre</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>Tout suspendre</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>En pause</translation>
    </message>
    <message>
        <source>Paused: {why}</source>
        <translation>En pause&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progression</translation>
    </message>
    <message>
        <source>Remove from list</source>
        <translation>Retirer de la liste</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Reprendre</translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation>Tout reprendre</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>En cours</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Afficher dans le dossier</translation>
    </message>
    <message>
        <source>Skipped: already exists</source>
        <translation>Ignoré&#xa0;: existe déjà</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Débit</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Stored, but not public</source>
        <translation>Enregistré, mais pas public</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>Restant</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transferts</translation>
    </message>
    <message>
        <source>Trying again: {why}</source>
        <translation>Nouvel essai&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>En attente</translation>
    </message>
    <message>
        <source>Waiting for the network</source>
        <translation>En attente du réseau</translation>
    </message>
    <message>
        <source>Waiting for the network: {why}</source>
        <translation>En attente du réseau&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Waiting: {why}</source>
        <translation>En attente&#xa0;: {why}</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Pourquoi&#xa0;?</translation>
    </message>
    <message>
        <source>about {span}</source>
        <translation>environ {span}</translation>
    </message>
    <message>
        <source>an object may have up to {limit}, and this file has {size}</source>
        <translation>un objet peut faire au plus {limit}, et ce fichier fait {size}</translation>
    </message>
    <message>
        <source>from {bucket}</source>
        <translation>de {bucket}</translation>
    </message>
    <message>
        <source>in {where}</source>
        <translation>dans {where}</translation>
    </message>
    <message>
        <source>it has no name</source>
        <translation>il n’a pas de nom</translation>
    </message>
    <message>
        <source>it is a link to a folder that it lies in</source>
        <translation>c’est un lien vers un dossier qui le contient</translation>
    </message>
    <message>
        <source>it is a link, which is not followed</source>
        <translation>c’est un lien, et les liens ne sont pas suivis</translation>
    </message>
    <message>
        <source>it is not a regular file</source>
        <translation>ce n’est pas un fichier ordinaire</translation>
    </message>
    <message>
        <source>it may not be read</source>
        <translation>sa lecture n’est pas permise</translation>
    </message>
    <message>
        <source>its key would be longer than 1,024 bytes</source>
        <translation>sa clé dépasserait 1&#xa0;024 octets</translation>
    </message>
    <message>
        <source>its name is not valid Unicode</source>
        <translation>son nom n’est pas de l’Unicode valide</translation>
    </message>
    <message>
        <source>no free name was found for another copy</source>
        <translation>aucun nom libre n’a été trouvé pour une copie de plus</translation>
    </message>
    <message>
        <source>the settings leave files of this name out</source>
        <translation>les préférences excluent les fichiers de ce nom</translation>
    </message>
    <message>
        <source>the temporary file is gone</source>
        <translation>le fichier temporaire a disparu</translation>
    </message>
    <message>
        <source>the temporary file was replaced</source>
        <translation>le fichier temporaire a été remplacé</translation>
    </message>
    <message>
        <source>there is a folder named “{name}”</source>
        <translation>un dossier nommé «&#xa0;{name}&#xa0;» existe déjà</translation>
    </message>
    <message>
        <source>to {where}</source>
        <translation>vers {where}</translation>
    </message>
    <message>
        <source>{count}</source>
        <translation>{count}</translation>
    </message>
    <message>
        <source>{count} · {size}</source>
        <translation>{count} · {size}</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} sur {total}</translation>
    </message>
    <message>
        <source>{done} of {total} so far</source>
        <translation>{done} sur {total} jusqu’ici</translation>
    </message>
    <message>
        <source>{names} ({objects})</source>
        <translation>{names} ({objects})</translation>
    </message>
    <message>
        <source>{name} and {n} more</source>
        <translation>{name} et {n} de plus</translation>
    </message>
    <message>
        <source>{n} entries had no readable key</source>
        <translation>{n} entrées n’avaient pas de clé lisible</translation>
    </message>
    <message>
        <source>{n} entry had no readable key</source>
        <translation>{n} entrée n’avait pas de clé lisible</translation>
    </message>
    <message>
        <source>{n} failed</source>
        <translation>{n} en échec</translation>
    </message>
    <message>
        <source>{n} failure</source>
        <translation>{n} échec</translation>
    </message>
    <message>
        <source>{n} failures</source>
        <translation>{n} échecs</translation>
    </message>
    <message>
        <source>{n} finished</source>
        <translation>Terminé&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n} paused</source>
        <translation>{n} en pause</translation>
    </message>
    <message>
        <source>{n} transfer</source>
        <translation>{n} transfert</translation>
    </message>
    <message>
        <source>{n} transfers</source>
        <translation>{n} transferts</translation>
    </message>
    <message>
        <source>{n} waiting</source>
        <translation>{n} en attente</translation>
    </message>
    <message>
        <source>{n}%</source>
        <translation>{n}&#xa0;%</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>{state}, {n} cancelled</source>
        <translation>{state}&#xa0;; annulés&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{state}, {n} failed</source>
        <translation>{state}&#xa0;; en échec&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{state}, {n} left out</source>
        <translation>{state}&#xa0;; laissés de côté&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{state}, {n} not public</source>
        <translation>{state}&#xa0;; non publics&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{state}, {n} skipped</source>
        <translation>{state}&#xa0;; ignorés&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{state}, {n} without a checksum</source>
        <translation>{state}&#xa0;; sans somme de contrôle&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{what} → {where}</source>
        <translation>{what} → {where}</translation>
    </message>
    <message>
        <source>“{name}” is a link, and a download never follows one</source>
        <translation>«&#xa0;{name}&#xa0;» est un lien, et un téléchargement ne suit jamais de lien</translation>
    </message>
    <message>
        <source>“{name}” is in the way and is no folder</source>
        <translation>«&#xa0;{name}&#xa0;» occupe la place et n’est pas un dossier</translation>
    </message>
    <message>
        <source>… and {n} more are done</source>
        <translation>… terminés&#xa0;: {n} de plus</translation>
    </message>
    <message>
        <source>… and {n} more are paused</source>
        <translation>… en pause&#xa0;: {n} de plus</translation>
    </message>
    <message>
        <source>… and {n} more are running</source>
        <translation>… en cours&#xa0;: {n} de plus</translation>
    </message>
    <message>
        <source>… and {n} more are waiting</source>
        <translation>… en attente&#xa0;: {n} de plus</translation>
    </message>
    <message>
        <source>… and {n} more failed</source>
        <translation>… en échec&#xa0;: {n} de plus</translation>
    </message>
    <message>
        <source>… and {n} more were cancelled</source>
        <translation>… annulés&#xa0;: {n} de plus</translation>
    </message>
</context>
<context>
    <name>units</name>
    <message>
        <source>B</source>
        <translation>o</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>Go</translation>
    </message>
    <message>
        <source>GiB</source>
        <translation>Gio</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>Ko</translation>
    </message>
    <message>
        <source>KiB</source>
        <translation>Kio</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>Mo</translation>
    </message>
    <message>
        <source>MiB</source>
        <translation>Mio</translation>
    </message>
    <message>
        <source>PB</source>
        <translation>Po</translation>
    </message>
    <message>
        <source>PiB</source>
        <translation>Pio</translation>
    </message>
    <message>
        <source>TB</source>
        <translation>To</translation>
    </message>
    <message>
        <source>TiB</source>
        <translation>Tio</translation>
    </message>
    <message>
        <source>today {time}</source>
        <translation>aujourd’hui {time}</translation>
    </message>
    <message>
        <source>yesterday {time}</source>
        <translation>hier {time}</translation>
    </message>
    <message>
        <source>{n} byte</source>
        <translation>{n} octet</translation>
    </message>
    <message>
        <source>{n} bytes</source>
        <translation>{n} octets</translation>
    </message>
    <message>
        <source>{n} day</source>
        <translation>{n} jour</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} jours</translation>
    </message>
    <message>
        <source>{n} hour</source>
        <translation>{n} heure</translation>
    </message>
    <message>
        <source>{n} hours</source>
        <translation>{n} heures</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} min</translation>
    </message>
    <message>
        <source>{n} minute</source>
        <translation>{n} minute</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} s</translation>
    </message>
    <message>
        <source>{n} second</source>
        <translation>{n} seconde</translation>
    </message>
    <message>
        <source>{title}: {value}</source>
        <translation>{title}&#xa0;: {value}</translation>
    </message>
</context>
<context>
    <name>versions</name>
    <message>
        <source>A delete marker: here the object was deleted. The older versions are still kept.</source>
        <translation>Un marqueur de suppression&#xa0;: l’objet a été supprimé à ce moment. Les versions plus anciennes sont conservées.</translation>
    </message>
    <message>
        <source>Only the newest {n} versions are shown. There are more.</source>
        <translation>Seules les {n} versions les plus récentes sont affichées. Il y en a d’autres.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Taille</translation>
    </message>
    <message>
        <source>This bucket keeps no versions of this object.</source>
        <translation>Ce bucket ne conserve aucune version de cet objet.</translation>
    </message>
    <message>
        <source>This is what the key names now.</source>
        <translation>C’est ce que la clé désigne actuellement.</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versions</translation>
    </message>
    <message>
        <source>current</source>
        <translation>actuelle</translation>
    </message>
    <message>
        <source>deleted</source>
        <translation>supprimé</translation>
    </message>
    <message>
        <source>{n} entries of the store’s answer could not be read.</source>
        <translation>{n} entrées de la réponse du stockage n’ont pas pu être lues.</translation>
    </message>
    <message>
        <source>{n} entry of the store’s answer could not be read.</source>
        <translation>{n} entrée de la réponse du stockage n’a pas pu être lue.</translation>
    </message>
</context>
<context>
    <name>why</name>
    <message>
        <source>({address}, or your network’s public one)</source>
        <translation>({address}, ou l’adresse publique de votre réseau)</translation>
    </message>
    <message>
        <source>Access rules</source>
        <translation>Règles d’accès</translation>
    </message>
    <message>
        <source>Add your bucket by its name.</source>
        <translation>Ajoutez votre bucket par son nom.</translation>
    </message>
    <message>
        <source>Add your bucket by its name. If that is refused too, the key is disabled, or the address of this computer is not allowed.</source>
        <translation>Ajoutez votre bucket par son nom. Si cela est refusé aussi, la clé est désactivée, ou l’adresse de cet ordinateur n’est pas autorisée.</translation>
    </message>
    <message>
        <source>Anyone may read it from here (HTTP {status}).</source>
        <translation>N’importe qui peut le lire d’ici (HTTP {status}).</translation>
    </message>
    <message>
        <source>Anyone may read this object from here, yet the store refuses this key everywhere: the key is disabled.</source>
        <translation>N’importe qui peut lire cet objet d’ici, et pourtant le stockage refuse tout à cette clé&#xa0;: elle est désactivée.</translation>
    </message>
    <message>
        <source>Buckets are made in the console, or with the account’s global access key.</source>
        <translation>Les buckets se créent dans la console, ou avec la clé d’accès globale du compte.</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Vérifier à nouveau</translation>
    </message>
    <message>
        <source>Check the endpoint {host}, and ask who runs the network in front of the store to allow your address.</source>
        <translation>Vérifiez l’endpoint {host}, et demandez à qui gère le réseau devant le stockage d’autoriser votre adresse.</translation>
    </message>
    <message>
        <source>Check the endpoint, its port, and whether it begins with http or https.</source>
        <translation>Vérifiez l’endpoint, son port, et s’il commence par http ou https.</translation>
    </message>
    <message>
        <source>Check the endpoint: the address of a console or a web site is not that of the store. The login page of a network may also stand in between.</source>
        <translation>Vérifiez l’endpoint&#xa0;: l’adresse d’une console ou d’un site web n’est pas celle du stockage. La page de connexion d’un réseau peut aussi s’interposer.</translation>
    </message>
    <message>
        <source>Check the name, which is case-sensitive, and whether this is the right namespace.</source>
        <translation>Vérifiez le nom, majuscules comprises, et s’il s’agit bien de ce namespace.</translation>
    </message>
    <message>
        <source>Check the name. If this bucket is meant, ask who manages it to give the key a role (read_only, read_write, write_only, maintainer) and to allow your address.</source>
        <translation>Vérifiez le nom. Si c’est bien ce bucket, demandez à qui le gère de donner un rôle à la clé (read_only, read_write, write_only, maintainer) et d’autoriser votre adresse.</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Vérification…</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Horloge</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Copier le rapport</translation>
    </message>
    <message>
        <source>Enable the key in the console, or make a new one and enter it in the connection.</source>
        <translation>Activez la clé dans la console, ou créez-en une nouvelle et saisissez-la dans la connexion.</translation>
    </message>
    <message>
        <source>Everything goes through the proxy {proxy}.</source>
        <translation>Tout passe par le proxy {proxy}.</translation>
    </message>
    <message>
        <source>Everything works now: the store answers, takes the key and allows what was refused before.</source>
        <translation>Tout fonctionne maintenant&#xa0;: le stockage répond, accepte la clé et permet ce qui avait été refusé.</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256): {fingerprint}</source>
        <translation>Empreinte (SHA-256)&#xa0;: {fingerprint}</translation>
    </message>
    <message>
        <source>HTTP {status}, {type}, server “{server}”, request id {id}.</source>
        <translation>HTTP {status}, {type}, serveur «&#xa0;{server}&#xa0;», identifiant de requête {id}.</translation>
    </message>
    <message>
        <source>Here {here}, in the store {there}: {span} apart.</source>
        <translation>Ici {here}, dans le stockage {there}&#xa0;: {span} d’écart.</translation>
    </message>
    <message>
        <source>In the console, check in this order: that the key is active, that it has a role on the bucket, and the bucket’s allowed addresses.</source>
        <translation>Dans la console, vérifiez dans cet ordre&#xa0;: que la clé est active, qu’elle a un rôle sur le bucket, et les adresses autorisées du bucket.</translation>
    </message>
    <message>
        <source>In the console, give it the role maintainer on the bucket {bucket}, or share with a pre-signed URL instead.</source>
        <translation>Dans la console, donnez-lui le rôle maintainer sur le bucket {bucket}, ou partagez plutôt par une URL pré-signée.</translation>
    </message>
    <message>
        <source>In the console, give it the role read_only or read_write on the bucket {bucket}. If it has that, the object belongs to another account, whose owner must allow it.</source>
        <translation>Dans la console, donnez-lui le rôle read_only ou read_write sur le bucket {bucket}. Si elle l’a déjà, l’objet appartient à un autre compte, dont le propriétaire doit l’autoriser.</translation>
    </message>
    <message>
        <source>In the console, give the key a role on the bucket {bucket} (read_only, read_write, write_only, maintainer), and check the bucket’s allowed addresses.</source>
        <translation>Dans la console, donnez à la clé un rôle sur le bucket {bucket} (read_only, read_write, write_only, maintainer), et vérifiez les adresses autorisées du bucket.</translation>
    </message>
    <message>
        <source>It may not list the buckets, which alone says nothing: many keys may not.</source>
        <translation>Elle ne peut pas lister les buckets, ce qui seul ne prouve rien&#xa0;: beaucoup de clés ne le peuvent pas.</translation>
    </message>
    <message>
        <source>It sends unsigned requests elsewhere, as AWS does, with the request id {id}.</source>
        <translation>Il renvoie ailleurs les requêtes non signées, comme AWS le fait, avec l’identifiant de requête {id}.</translation>
    </message>
    <message>
        <source>Its role is probably read_only or write_only. In the console, give it read_write on the bucket {bucket}, and check the bucket’s delete protection.</source>
        <translation>Son rôle est probablement read_only ou write_only. Dans la console, donnez-lui read_write sur le bucket {bucket}, et vérifiez la protection du bucket contre la suppression.</translation>
    </message>
    <message>
        <source>Its role is probably read_only. In the console, give it read_write or write_only on the bucket {bucket}, and check whether the bucket protects objects from being replaced.</source>
        <translation>Son rôle est probablement read_only. Dans la console, donnez-lui read_write ou write_only sur le bucket {bucket}, et vérifiez si le bucket protège les objets contre le remplacement.</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Clé</translation>
    </message>
    <message>
        <source>Legal hold: {status}.</source>
        <translation>Conservation légale&#xa0;: {status}.</translation>
    </message>
    <message>
        <source>List the bucket</source>
        <translation>Lister le bucket</translation>
    </message>
    <message>
        <source>Listing s3://{bucket}/{prefix} works, and something is there.</source>
        <translation>Lister s3://{bucket}/{prefix} fonctionne, et il s’y trouve quelque chose.</translation>
    </message>
    <message>
        <source>Listing s3://{bucket}/{prefix} works; nothing is there.</source>
        <translation>Lister s3://{bucket}/{prefix} fonctionne&#xa0;; il ne s’y trouve rien.</translation>
    </message>
    <message>
        <source>Looking into the connection</source>
        <translation>Examen de la connexion</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Réseau</translation>
    </message>
    <message>
        <source>No retention period and no legal hold is known for the object.</source>
        <translation>Aucune durée de rétention ni conservation légale n’est connue pour l’objet.</translation>
    </message>
    <message>
        <source>Not encrypted (http): anybody on the way can read and change what is sent.</source>
        <translation>Non chiffré (http)&#xa0;: n’importe qui sur le chemin peut lire et modifier ce qui est envoyé.</translation>
    </message>
    <message>
        <source>Not tried: no check ever writes or deletes anything.</source>
        <translation>Non essayé&#xa0;: aucune vérification n’écrit ni ne supprime jamais rien.</translation>
    </message>
    <message>
        <source>Not without a key (HTTP {status}), as it should be unless it is public.</source>
        <translation>Pas sans clé (HTTP {status}), comme il se doit sauf s’il est public.</translation>
    </message>
    <message>
        <source>Nothing is broken. In the console, the role maintainer on the bucket {bucket} allows it.</source>
        <translation>Rien n’est cassé. Dans la console, le rôle maintainer sur le bucket {bucket} le permet.</translation>
    </message>
    <message>
        <source>Nothing was found that would explain it.</source>
        <translation>Rien de ce qui a été trouvé ne l’explique.</translation>
    </message>
    <message>
        <source>Open a folder or upload by name, or give the key the role read_only or read_write in the console.</source>
        <translation>Ouvrez un dossier ou téléversez par le nom, ou donnez à la clé le rôle read_only ou read_write dans la console.</translation>
    </message>
    <message>
        <source>Owner {owner}; anyone may read it.</source>
        <translation>Propriétaire {owner}&#xa0;; n’importe qui peut le lire.</translation>
    </message>
    <message>
        <source>Owner {owner}; not public.</source>
        <translation>Propriétaire {owner}&#xa0;; pas public.</translation>
    </message>
    <message>
        <source>Read the object</source>
        <translation>Lire l’objet</translation>
    </message>
    <message>
        <source>Refresh the list.</source>
        <translation>Actualisez la liste.</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Rétention</translation>
    </message>
    <message>
        <source>Retention {mode} until {until}.</source>
        <translation>Rétention {mode} jusqu’au {until}.</translation>
    </message>
    <message>
        <source>S3 store</source>
        <translation>Stockage S3</translation>
    </message>
    <message>
        <source>Something in front of the store refuses: the answers are not the store’s own. Your address {address} may not be allowed there, or the endpoint is not the store’s.</source>
        <translation>Quelque chose devant le stockage refuse&#xa0;: les réponses ne sont pas celles du stockage. Votre adresse {address} n’y est peut-être pas autorisée, ou l’endpoint n’est pas celui du stockage.</translation>
    </message>
    <message>
        <source>Something listens at {host}, but it ends the connection without an answer: it is no S3 store, it wants https in place of http or the other way round, or a firewall cuts in.</source>
        <translation>Quelque chose écoute sur {host}, mais coupe la connexion sans répondre&#xa0;: ce n’est pas un stockage S3, il attend https au lieu de http ou l’inverse, ou un pare-feu s’interpose.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Arrêter</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Arrêté.</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>The connection was deleted: nothing is left to check.</source>
        <translation>La connexion a été supprimée&#xa0;: il n’y a plus rien à vérifier.</translation>
    </message>
    <message>
        <source>The key is right and may list this bucket but not read this object.</source>
        <translation>La clé est bonne et peut lister ce bucket, mais pas lire cet objet.</translation>
    </message>
    <message>
        <source>The key is right and may read this object, but not see who else may.</source>
        <translation>La clé est bonne et peut lire cet objet, mais pas voir qui d’autre le peut.</translation>
    </message>
    <message>
        <source>The key is right and may work in the bucket {bucket}, but not list it.</source>
        <translation>La clé est bonne et peut travailler dans le bucket {bucket}, mais pas le lister.</translation>
    </message>
    <message>
        <source>The key is right, but may not list the bucket {bucket}: its role there does not allow it (write_only), it has none, or your address {address} is not on the bucket’s allow list.</source>
        <translation>La clé est bonne, mais ne peut pas lister le bucket {bucket}&#xa0;: son rôle ne le permet pas (write_only), elle n’en a aucun, ou votre adresse {address} n’est pas sur la liste d’autorisation du bucket.</translation>
    </message>
    <message>
        <source>The key is right, but may not list the buckets. That is usual for keys made for one bucket.</source>
        <translation>La clé est bonne, mais ne peut pas lister les buckets. C’est courant pour les clés créées pour un seul bucket.</translation>
    </message>
    <message>
        <source>The key is right, but may not read this object.</source>
        <translation>La clé est bonne, mais ne peut pas lire cet objet.</translation>
    </message>
    <message>
        <source>The key is right, but the bucket {bucket} refuses it whatever it asks: the key has no role there, or your address {address} is not on the bucket’s allow list.</source>
        <translation>La clé est bonne, mais le bucket {bucket} lui refuse tout&#xa0;: elle n’y a aucun rôle, ou votre adresse {address} n’est pas sur la liste d’autorisation du bucket.</translation>
    </message>
    <message>
        <source>The key is right, but the store did not let it change who may read {subject}.</source>
        <translation>La clé est bonne, mais le stockage ne l’a pas laissée changer qui peut lire {subject}.</translation>
    </message>
    <message>
        <source>The key is right, but the store did not let it delete in the bucket {bucket}.</source>
        <translation>La clé est bonne, mais le stockage ne l’a pas laissée supprimer dans le bucket {bucket}.</translation>
    </message>
    <message>
        <source>The key is right, but the store did not let it make or delete the bucket {bucket}.</source>
        <translation>La clé est bonne, mais le stockage ne l’a pas laissée créer ou supprimer le bucket {bucket}.</translation>
    </message>
    <message>
        <source>The key is right, but the store did not let it write to the bucket {bucket}.</source>
        <translation>La clé est bonne, mais le stockage ne l’a pas laissée écrire dans le bucket {bucket}.</translation>
    </message>
    <message>
        <source>The key is right, but there is no bucket {bucket} in this store.</source>
        <translation>La clé est bonne, mais il n’y a pas de bucket {bucket} dans ce stockage.</translation>
    </message>
    <message>
        <source>The key is right, but {bucket} is not one of its buckets: it belongs to somebody else, who gave this key no role, or your address {address} is not on the bucket’s allow list.</source>
        <translation>La clé est bonne, mais {bucket} n’est pas un de ses buckets&#xa0;: il appartient à quelqu’un d’autre, qui n’a pas donné de rôle à cette clé, ou votre adresse {address} n’est pas sur la liste d’autorisation du bucket.</translation>
    </message>
    <message>
        <source>The key is right, but {subject} does not exist in the bucket {bucket} any more.</source>
        <translation>La clé est bonne, mais {subject} n’existe plus dans le bucket {bucket}.</translation>
    </message>
    <message>
        <source>The key is right, but {subject} is protected from changes by a retention period or a legal hold.</source>
        <translation>La clé est bonne, mais {subject} est protégé contre les modifications par une durée de rétention ou une conservation légale.</translation>
    </message>
    <message>
        <source>The object may be read.</source>
        <translation>L’objet peut être lu.</translation>
    </message>
    <message>
        <source>The object may be read: {size}.</source>
        <translation>L’objet peut être lu&#xa0;: {size}.</translation>
    </message>
    <message>
        <source>The object may be read; it is empty.</source>
        <translation>L’objet peut être lu&#xa0;; il est vide.</translation>
    </message>
    <message>
        <source>The store does not let this key list the buckets. Keys that are made for one bucket may not.</source>
        <translation>Le stockage ne laisse pas cette clé lister les buckets. Les clés créées pour un seul bucket ne le peuvent pas.</translation>
    </message>
    <message>
        <source>The store does not tell its time.</source>
        <translation>Le stockage ne donne pas son heure.</translation>
    </message>
    <message>
        <source>The store refuses every request of this key from here: the key is disabled, it has no role on the bucket {bucket} that lets it read (write_only does not), or your address {address} is not on the bucket’s allow list.</source>
        <translation>Le stockage refuse d’ici toute requête de cette clé&#xa0;: la clé est désactivée, elle n’a pas de rôle sur le bucket {bucket} qui lui permette de lire (write_only ne le permet pas), ou votre adresse {address} n’est pas sur la liste d’autorisation du bucket.</translation>
    </message>
    <message>
        <source>The store takes the key and the signature, and lists {n}.</source>
        <translation>Le stockage accepte la clé et la signature, et liste {n}.</translation>
    </message>
    <message>
        <source>This does not look like S3, which says nothing yet: only signed requests will.</source>
        <translation>Cela ne ressemble pas à S3, ce qui ne prouve encore rien&#xa0;: seules des requêtes signées le diront.</translation>
    </message>
    <message>
        <source>Try again. If it goes on, give this report to the provider’s support.</source>
        <translation>Réessayez. Si cela continue, transmettez ce rapport au support du fournisseur.</translation>
    </message>
    <message>
        <source>Try again. The cause has gone: a role or an address list that was changed, or a network that came back.</source>
        <translation>Réessayez. La cause a disparu&#xa0;: un rôle ou une liste d’adresses a été modifié, ou un réseau est revenu.</translation>
    </message>
    <message>
        <source>Wait for its end, or ask who manages the bucket {bucket} to lift it.</source>
        <translation>Attendez qu’elle se termine, ou demandez à qui gère le bucket {bucket} de la lever.</translation>
    </message>
    <message>
        <source>What answers at {host} is no S3 store: nothing in its answers is S3’s.</source>
        <translation>Ce qui répond sur {host} n’est pas un stockage S3&#xa0;: rien dans ses réponses ne vient de S3.</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Pourquoi&#xa0;?</translation>
    </message>
    <message>
        <source>Without a key</source>
        <translation>Sans clé</translation>
    </message>
    <message>
        <source>Write or delete</source>
        <translation>Écrire ou supprimer</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>échec</translation>
    </message>
    <message>
        <source>good</source>
        <translation>bon</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>omis</translation>
    </message>
    <message>
        <source>note</source>
        <translation>note</translation>
    </message>
    <message>
        <source>{bucket} is not among them.</source>
        <translation>{bucket} n’en fait pas partie.</translation>
    </message>
    <message>
        <source>{host} is {addresses}.</source>
        <translation>{host} est {addresses}.</translation>
    </message>
    <message>
        <source>{host} needs no name.</source>
        <translation>{host} n’a pas besoin de nom.</translation>
    </message>
    <message>
        <source>{n} bucket</source>
        <translation>{n} bucket</translation>
    </message>
    <message>
        <source>{n} buckets</source>
        <translation>{n} buckets</translation>
    </message>
    <message>
        <source>{place} answers within {ms} ms. This computer’s address is {mine}.</source>
        <translation>{place} répond en {ms}&#xa0;ms. L’adresse de cet ordinateur est {mine}.</translation>
    </message>
    <message>
        <source>{place} does not answer: {code}</source>
        <translation>{place} ne répond pas&#xa0;: {code}</translation>
    </message>
    <message>
        <source>{version}, certificate {subject}, signed by {issuer}, until {until}.</source>
        <translation>{version}, certificat {subject}, signé par {issuer}, jusqu’au {until}.</translation>
    </message>
    <message>
        <source>{what}. {why}</source>
        <translation>{what}. {why}</translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>&amp;Bucket</source>
        <translation>&amp;Bucket</translation>
    </message>
    <message>
        <source>&amp;Connection</source>
        <translation>&amp;Connexion</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>É&amp;dition</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Fichier</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>A&amp;ller</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Aide</translation>
    </message>
    <message>
        <source>&amp;Object</source>
        <translation>&amp;Objet</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>Affic&amp;hage</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Effacer le filtre</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Connexions</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Détails…</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Télécharger</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filtre</translation>
    </message>
    <message>
        <source>Filter this list</source>
        <translation>Filtrer</translation>
    </message>
    <message>
        <source>List again</source>
        <translation>Lister de nouveau</translation>
    </message>
    <message>
        <source>Not encrypted: whoever is between this computer and {host} can read and change what you send and receive.</source>
        <translation>Non chiffré&#xa0;: quiconque se trouve entre cet ordinateur et {host} peut lire et modifier ce que vous envoyez et recevez.</translation>
    </message>
    <message>
        <source>Not known yet who can read (see Access in the inspector)</source>
        <translation>Droits de lecture encore inconnus (voir Accès dans l’inspecteur)</translation>
    </message>
    <message>
        <source>Nothing is selected any more: in the new order, the selection would be in too many pieces.</source>
        <translation>Plus rien n’est sélectionné&#xa0;: dans le nouvel ordre, la sélection serait en trop de morceaux.</translation>
    </message>
    <message>
        <source>Partial list: you stopped it.</source>
        <translation>Liste partielle&#xa0;: vous l’avez arrêtée.</translation>
    </message>
    <message>
        <source>Partial list: {why}. {todo}</source>
        <translation>Liste partielle&#xa0;: {why}. {todo}</translation>
    </message>
    <message>
        <source>Partial result: you stopped the search. There may be more.</source>
        <translation>Résultat partiel&#xa0;: vous avez arrêté la recherche. Il peut y en avoir d’autres.</translation>
    </message>
    <message>
        <source>Partial result: {why}. {todo}</source>
        <translation>Résultat partiel&#xa0;: {why}. {todo}</translation>
    </message>
    <message>
        <source>Private</source>
        <translation>Privé</translation>
    </message>
    <message>
        <source>Public: anyone with the URL can read</source>
        <translation>Public&#xa0;: toute personne ayant l’URL peut lire</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>Relancer la recherche</translation>
    </message>
    <message>
        <source>Search everything below</source>
        <translation>Rechercher dans tout le contenu</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Partager</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>Barre d’outils</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Téléverser</translation>
    </message>
    <message>
        <source>{done} deleted</source>
        <translation>Suppression effectuée&#xa0;: {done}</translation>
    </message>
    <message>
        <source>{done} downloaded</source>
        <translation>Téléchargement effectué&#xa0;: {done}</translation>
    </message>
    <message>
        <source>{done} uploaded</source>
        <translation>Téléversement effectué&#xa0;: {done}</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} objet</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} objets</translation>
    </message>
    <message>
        <source>{n}% · {title}</source>
        <translation>{n}&#xa0;% · {title}</translation>
    </message>
    <message>
        <source>{text}, {n} cancelled</source>
        <translation>{text}&#xa0;; annulés&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{text}, {n} failed</source>
        <translation>{text}&#xa0;; en échec&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{text}, {n} left out</source>
        <translation>{text}&#xa0;; laissés de côté&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{text}, {n} not public</source>
        <translation>{text}&#xa0;; non publics&#xa0;: {n}</translation>
    </message>
    <message>
        <source>{text}, {n} skipped</source>
        <translation>{text}&#xa0;; ignorés&#xa0;: {n}</translation>
    </message>
</context>
</TS>
