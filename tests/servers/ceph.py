"""Ceph's RADOS gateway on loopback: one monitor, one object daemon in memory, one gateway. The strict dialect of S3.

It speaks as the production store does: no trailing checksums, SigV4 and SigV2 both verified, ACLs enforced. Needs root and the
packages radosgw, ceph-mon and ceph-osd; ``ceph_missing`` says what is not there. Gateways for http and https share the cluster.
"""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.process import LOOPBACK, Processes, free_ports
from servers.s3 import User, answers, raw_client
from servers.tls import make_certificate

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
# Without tcp_nodelay every small answer takes 40 ms (Nagle's algorithm against delayed acknowledgements).
FRONTEND = "beast {kind}={host}:{port} tcp_nodelay=1{more}"


def ceph_missing() -> str:
    """Why a cluster cannot run here, or ""."""
    if sys.platform != "linux":
        return "Ceph runs on Linux only"
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        return f"Ceph is not installed: {', '.join(missing)} (Debian: radosgw ceph-mon ceph-osd)"
    return "" if os.geteuid() == 0 else "Ceph’s daemons need root here"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One S3 endpoint of the cluster. ``ca_bundle`` is "" over http."""

    endpoint: str
    ca_bundle: str = ""


class CephCluster:
    """``with CephCluster(folder) as cluster:`` gives a running cluster with two users who may not touch each other's buckets.

    ``tls`` starts a second gateway with a certificate of its own authority: ``cluster.secure``.
    """

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.user = User.fresh()
        self.second_user = User.fresh()
        self.newcomer = User.fresh()  # owns no bucket
        self._folder = folder
        self._tls = tls
        self._processes = Processes(folder / "server.log")
        self._conf = folder / "ceph.conf"
        self._env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CEPH_CONF": str(self._conf)}
        self.plain = Gateway("")
        self.secure = Gateway("")

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._processes.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._processes.stop()

    def _start(self) -> None:
        for name in ("mon", "osd", "run", "rgw"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "keyring").touch()
        mon_port, port, tls_port = free_ports(3)
        fsid = str(uuid.uuid4())
        self._conf.write_text(_configuration(self._folder, fsid, mon_port))
        self._start_daemons(fsid, mon_port)
        for uid, user in (("first", self.user), ("second", self.second_user), ("newcomer", self.newcomer)):
            self._run(
                "radosgw-admin", "user", "create", "--uid", uid, "--display-name", uid,
                "--access-key", user.access_key, "--secret", user.secret_key,
            )  # fmt: skip
        frontend = FRONTEND.format(kind="endpoint", host=LOOPBACK, port=port, more="")
        self.plain = self._gateway("a", frontend, Gateway(f"http://{LOOPBACK}:{port}"))
        if self._tls:
            files = make_certificate(self._folder)
            more = f" ssl_certificate={files.certificate} ssl_private_key={files.key}"
            frontend = FRONTEND.format(kind="ssl_endpoint", host=LOOPBACK, port=tls_port, more=more)
            self.secure = self._gateway("b", frontend, Gateway(f"https://{LOOPBACK}:{tls_port}", str(files.authority)))

    def _start_daemons(self, fsid: str, mon_port: int) -> None:
        monmap, osd = self._folder / "monmap", str(uuid.uuid4())
        self._run(
            "monmaptool", "--create", "--clobber", "--set-min-mon-release", "16", "--enable-all-features", "--fsid", fsid,
            "--addv", "a", f"[v2:{LOOPBACK}:{mon_port}]", str(monmap),
        )  # fmt: skip
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", str(monmap))
        self._processes.spawn(["ceph-mon", "-f", "-i", "a"], self._env)
        self._run("ceph", "--connect-timeout", "15", "osd", "new", osd, "0")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._processes.spawn(["ceph-osd", "-f", "-i", "0"], self._env)

    def _gateway(self, name: str, frontend: str, gateway: Gateway) -> Gateway:
        command = ["radosgw", "-f", "-n", f"client.rgw.{name}", "--rgw-frontends", frontend]
        self._processes.spawn(command, self._env)
        client = raw_client(gateway.endpoint, self.user, ca_bundle=gateway.ca_bundle)
        self._processes.wait_ready(lambda: answers(client), 90)
        return gateway

    def _run(self, *command: str) -> None:
        self._processes.run(command, self._env)


def _configuration(folder: Path, fsid: str, mon_port: int) -> str:
    """The smallest cluster that is quick: everything on loopback, in memory, without cephx, one copy, few placement groups."""
    values = {
        "fsid": fsid,
        "mon_host": f"v2:{LOOPBACK}:{mon_port}/0",
        "public_addr": LOOPBACK,
        "cluster_addr": LOOPBACK,
        "ms_bind_ipv6": "false",
        "ms_bind_msgr1": "false",
        "ms_bind_before_connect": "true",
        "auth_cluster_required": "none",
        "auth_service_required": "none",
        "auth_client_required": "none",
        "ms_mon_client_mode": "crc",
        "ms_client_mode": "crc",
        "ms_cluster_mode": "crc",
        "ms_service_mode": "crc",
        "ms_mon_cluster_mode": "crc",
        "ms_mon_service_mode": "crc",
        "auth_allow_insecure_global_id_reclaim": "false",
        "osd_pool_default_size": "1",
        "osd_pool_default_min_size": "1",
        "osd_pool_default_pg_num": "4",
        "osd_pool_default_pgp_num": "4",
        "osd_pool_default_pg_autoscale_mode": "off",
        "mon_allow_pool_size_one": "true",
        "mon_max_pg_per_osd": "2000",
        "osd_crush_chooseleaf_type": "0",
        "osd_objectstore": "memstore",
        "memstore_device_bytes": "2G",
        "memstore_page_set": "true",
        "osd_memory_target": "939524096",
        "osd_heartbeat_grace": "120",
        "paxos_propose_interval": "0.05",
        "paxos_min_wait": "0.01",
        "mon_data_avail_warn": "2",
        "mon_data_avail_crit": "1",
        "mon_data": f"{folder}/mon",
        "osd_data": f"{folder}/osd",
        "rgw_data": f"{folder}/rgw",
        "run_dir": f"{folder}/run",
        "crash_dir": f"{folder}/run",
        "admin_socket": "",
        "log_file": f"{folder}/run/$name.log",
        "mon_cluster_log_file": f"{folder}/run/cluster.log",
        "keyring": f"{folder}/keyring",
        "log_to_stderr": "false",
        "err_to_stderr": "true",
        "mon_warn_on_pool_no_redundancy": "false",
        "rgw_enable_apis": "s3, admin",
        "rgw_enable_usage_log": "false",
        "rgw_enable_ops_log": "false",
        "rgw_thread_pool_size": "64",
        "rgw_num_rados_handles": "1",
        "rgw_rados_pool_pg_num_min": "4",
        "rgw_dynamic_resharding": "false",
        "rgw_override_bucket_index_max_shards": "1",
        "rgw_run_sync_thread": "false",
        "rgw_dns_name": "localhost",
    }
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
