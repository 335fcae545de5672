"""docs/security.md and deploy/ say what is so."""

from __future__ import annotations

import ast
import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")] for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line
]
PROPERTIES = [row for row in ROWS if row[0] != "Property"]
NGINX, CADDY = ((ROOT / "deploy" / name).read_text(encoding="utf-8") for name in ("nginx.conf", "Caddyfile"))


def test_every_property_names_where_it_is_enforced_and_what_holds_it():
    assert len(PROPERTIES) >= 20
    assert all(len(row) == 3 and "`tests/" in row[2] and ("`" in row[1]) for row in PROPERTIES)


def test_the_named_files_and_names_exist():
    missing = []
    for _property, enforced, _held in PROPERTIES:
        for file in re.findall(r"`((?:lib|config|deploy|\.streamlit)/[\w./-]*)`", enforced):
            if not (ROOT / file).exists():
                missing.append(file)
        for file, name in re.findall(r"`(lib/[\w/]+\.py)` \(`(\w+)`\)", enforced):
            defined = {
                n.name
                for n in ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
                if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            missing += [f"{file}: {name}"] if name not in defined else []
    assert missing == []


def test_the_named_tests_exist():
    missing = []
    for row in PROPERTIES:
        for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row[2]):
            path = ROOT / file
            tree = ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], [])
            if not path.exists() or (name and name not in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}):
                missing.append(f"{file}::{name}")
    assert missing == []


# --- deploy --------------------------------------------------------------------------------------------------------------


def test_the_proxies_close_what_the_application_closes():
    for text in (NGINX, CADDY):
        assert re.search(r"_stcore/\(metrics\|agent\|script-health-check\)", text)
        assert re.search(r"/\\\.|\(\.\*/\)\?\)?\\\.", text), "hidden files"
        assert "/healthz" in text and re.search(r"(client_max_body_size|max_size) 6", text)
        assert re.search(r"X-Forwarded-For[ ](\$remote_addr;|\{remote_host\})", text), "never what the client says of itself"
    assert re.search(r"ssl_protocols TLSv1\.2 TLSv1\.3;", NGINX) and "proxy_cookie_flags ~ secure" in NGINX
    assert "limit_req" in NGINX and "limit_conn" in NGINX and "proxy_set_header Upgrade" in NGINX


def test_logs_are_without_query_strings():
    log_format = re.search(r"log_format sapat '([^']+)'", NGINX)
    assert log_format and not re.search(r"\$(request|request_uri|args|query_string|http_\w+)\b", log_format[1])
    assert all(" sapat;" in line for line in NGINX.splitlines() if line.strip().startswith("access_log"))
    assert r"request>uri regexp \?.*" in CADDY and "request>headers delete" in CADDY


def test_the_service_is_confined():
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "sapat.service", encoding="utf-8")
    told = unit["Service"]
    wanted = {
        "DynamicUser": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "NoNewPrivileges": "yes", "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    assert "MemoryMax" in told and "ReadWritePaths" in told and "--server.address=127.0.0.1" in told["ExecStart"]


def test_the_container_is_not_root():
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE) and "HEALTHCHECK" in text and "/healthz" in text
    assert "secrets" not in text and "tests" not in text
    readme = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    assert "--read-only" in readme and "--cap-drop=all" in readme and "no-new-privileges" in readme


def test_programs_that_are_here_take_the_configuration(tmp_path: Path):
    """nginx and Caddy themselves, where they are installed; what they would refuse is told above without them as well."""
    problems = []
    if (nginx := shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")) and shutil.which("openssl"):
        make = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            tmp_path / "privkey.pem",
            "-out",
            tmp_path / "fullchain.pem",
        ]
        subprocess.run([*make, "-days", "2", "-subj", "/CN=sapat.example"], check=True, capture_output=True)
        site = NGINX.replace("/etc/ssl/sapat", str(tmp_path)).replace("/var/log/nginx/", f"{tmp_path}/")
        (tmp_path / "site.conf").write_text(site, encoding="utf-8")
        whole = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ include {tmp_path}/site.conf; }}"
        (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
        done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
        problems += [done.stderr] if done.returncode else []
    if caddy := shutil.which("caddy"):
        words = [caddy, "validate", "--adapter", "caddyfile", "--config", ROOT / "deploy" / "Caddyfile"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        problems += [done.stderr] if done.returncode else []
    assert problems == []


def test_streamlits_settings_for_production():
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert told["client"]["showErrorDetails"] == "none" and told["browser"]["gatherUsageStats"] is False
    server = told["server"]
    assert server["enableXsrfProtection"] is True and server["headless"] is True and server["fileWatcherType"] == "none"
    assert server["maxUploadSize"] <= 5 and server["maxMessageSize"] <= 32 and server["maxWidgetStateSize"] <= 1
    assert not {"enableCORS", "enableAgentApi", "enableStaticServing", "scriptHealthCheckEnabled", "trustedUserHeaders"} & server.keys()
