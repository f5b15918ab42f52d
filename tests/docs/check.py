#!/usr/bin/env python3
"""Holds docs/ against a running server: metrics, configuration keys, commands, examples, links, the systemd unit.

    tests/docs/check.py --build build        # CTest calls it so; needs the server and its plugins, nothing else
"""
import argparse, json, os, re, shutil, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(ROOT.glob("docs/**/*.md")) + [ROOT / "conf/systemd/viadux.service"]
wrong = []


def complain(page, what):
    wrong.append(f"{page.relative_to(ROOT)}: {what}")


def free_port(kind, first=20000, row=1):
    """A port, or `row` ports in a row, that nobody has; below the kernel's own range and media.rtp_ports."""
    for base in range(first, 31000, 7):
        held = []
        try:
            for port in range(base, base + row):
                held.append(socket.socket(socket.AF_INET, kind))
                held[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            pass
        finally:
            for each in held:
                each.close()
    sys.exit("no free ports")


class Server:
    def __init__(self, build, folder):
        self.program = build / "bin/viadux"
        http = free_port(socket.SOCK_STREAM, 20000 + os.getpid() % 4000)
        self.url = f"http://127.0.0.1:{http}"
        settings = {
            "http.port": http, "http.tls_port": 0, "http.address": "127.0.0.1", "media.workers": 1,
            "media.port": free_port(socket.SOCK_DGRAM, 25000 + os.getpid() % 4000), "media.addresses": "[\"127.0.0.1\"]",
            "plugins.path": build / "lib/viadux/plugins", "sip.port": 0, "organisations.path": ROOT / "conf/organisations",
            "store.url": f"sqlite:{folder}/docs.db", "control.socket": f"{folder}/docs.sock"}
        self.options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        self.log = open(folder / "log", "w+")
        config = folder / "viadux.toml"
        config.write_text("")
        self.child = subprocess.Popen([self.program, "run", "--config", config, *self.options], cwd=folder,
                                      stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(150):
            if self.child.poll() is not None:
                break
            try:
                if self.request("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        self.stop()
        sys.exit("the server did not become ready:\n" + Path(self.log.name).read_text())

    def request(self, method, path, body=None, headers=None):
        """Status, headers by lower-case name, body."""
        asked = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        try:
            answer = urllib.request.urlopen(asked, timeout=10)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read().decode()

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()


LINE = """m={kind} 9 UDP/TLS/RTP/SAVPF {pt}
c=IN IP4 0.0.0.0
a=mid:{mid}
a={direction}
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 {print}
a=setup:actpass
a=rtcp-mux
a=rtpmap:{pt} {codec}
"""


def offer(direction, audio="opus/48000/2", video="VP8/90000", bundle=True):
    common = {"direction": direction, "print": ":".join(["A5"] * 32)}
    text = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n" + ("a=group:BUNDLE 0 1\n" if bundle else "")
    text += LINE.format(kind="audio", pt=111, mid=0, codec=audio, **common)
    text += LINE.format(kind="video", pt=96, mid=1, codec=video, **common)
    return text.replace("\n", "\r\n").encode()


def try_whip(server):
    """Each row of docs/whip.md's tables that one client can bring about; also makes series that come with use."""
    sdp, fragment = {"Content-Type": "application/sdp"}, {"Content-Type": "application/trickle-ice-sdpfrag"}
    page = ROOT / "docs/whip.md"
    table = {reason: status for status, reasons in re.findall(r"^\| (\d+) \| ([^|]*) \|", page.read_text(), re.M)
             for reason in re.findall(r"`(\w+)`", reasons)}

    def expect(reason, answer):
        said = json.loads(answer[2]).get("reason") if answer[2].startswith("{") else answer[2][:60]
        if (said, str(answer[0])) != (reason, table.get(reason)):
            complain(page, f"expected {table.get(reason)} {reason}, the server says {answer[0]} {said}")

    def post(path, body, **more):
        return server.request("POST", path, body, {**sdp, **more})

    send = offer("sendonly")
    expect("sdp_invalid", post("/whip/demo", b"hello"))
    expect("method", server.request("GET", "/whip/demo"))
    expect("content_type", server.request("POST", "/whip/demo", send, {"Content-Type": "text/plain"}))
    expect("sdp_no_media", post("/whip/demo", offer("sendonly", "none/48000", "none/90000")))
    expect("sdp_not_bundled", post("/whip/demo", offer("sendonly", bundle=False)))
    expect("address_malformed", post("/whip/a%20b", send))
    expect("except_malformed", post("/whep/demo?except=x", offer("recvonly")))
    expect("token_unknown", post("/whip/demo", send, Authorization="Bearer vdx_nonsense"))
    for _ in range(5):
        expect("pin_wrong", post("/whip/test", send, Authorization="Bearer 9999"))
    for _ in range(3):  # the first that is slowed is the one after the doubling has begun
        slowed = post("/whip/test", send, Authorization="Bearer 9999")
    expect("pin_slowed", slowed)

    status, headers, answer = post("/whip/demo", send)
    if status != 201 or not {"location", "etag", "viadux-participant", "accept-patch"} <= headers.keys():
        return complain(page, f"POST gives {status} with {sorted(headers)}")
    if "a=ice-lite" not in answer:
        complain(page, "the answer is not ICE-lite")
    where, etag = headers["location"], headers["etag"]
    candidate = b"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    expect("if_match_missing", server.request("PATCH", where, candidate, fragment))
    expect("if_match", server.request("PATCH", where, candidate, {**fragment, "If-Match": '"x"'}))
    expect("ice_ufrag_unknown", server.request("PATCH", where, candidate.replace(b"abcd\r", b"wxyz\r"),
                                               {**fragment, "If-Match": etag}))
    expect("ice_credentials_missing", server.request("PATCH", where, b"x", {**fragment, "If-Match": "*"}))
    if (got := server.request("PATCH", where, candidate, {**fragment, "If-Match": etag})[0]) != 204:
        complain(page, f"a candidate gives {got}, not 204")
    restart = server.request("PATCH", where, candidate.replace(b"abcd", b"wxyz"), {**fragment, "If-Match": "*"})
    if restart[0] != 200 or restart[1].get("etag") in (None, etag):
        complain(page, f"an ICE restart gives {restart[0]} and the ETag {restart[1].get('etag')}")
    status, headers, answer = post("/whep/demo?except=" + headers["viadux-participant"], offer("recvonly"))
    if status != 201:
        complain(page, f"?except= gives {status} {answer}")
    if (got := server.request("DELETE", where)[0]) != 200:
        complain(page, f"DELETE gives {got}, not 200")
    expect("session_gone", server.request("DELETE", where))
    server.request("GET", "/" + "a" * 8000)  # refused and counted


def check_metrics(server):
    families = set(re.findall(r"^# HELP (\w+) ", server.request("GET", "/metrics")[2], re.M))
    # Names that only look like metrics: the SDK's and CMake's.
    others = subprocess.run(["grep", "-rhoE", r"\bviadux_[a-z0-9_]+", "core/include", "cmake", "core/CMakeLists.txt"],
                            cwd=ROOT, capture_output=True, text=True).stdout.split()
    # A counter with labels is in /metrics from its first count on; what plugins declare is there then.
    declared = {f"viadux_{file.parent.name}_{name}" for file in (ROOT / "plugins").glob("*/*.[ch]pp")
                for name in re.findall(r'viadux::metric\(\s*"(\w+)"', file.read_text())}
    known = families | declared | set(others)
    for page in PAGES:
        for name in sorted(set(re.findall(r"\bviadux_[a-z0-9_]+\b", page.read_text())) - known):
            complain(page, f"the metric {name} is not in /metrics")


def check_keys(server):
    text = subprocess.run([server.program, "config", *server.options], capture_output=True, text=True, check=True).stdout
    keys, section = set(), ""
    for line in text.splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            section = match[1]
        elif match := re.match(r"(\w+) = ", line):
            keys.add(f"{section}.{match[1]}")
    sections = {key.split(".")[0] for key in keys}
    for page in PAGES:
        for name in sorted(set(re.findall(r"(?:`|--set )([a-z]+\.[a-z_0-9]+)(?=[`= ])", page.read_text()))):
            ends_like_a_file = name.rsplit(".", 1)[1] in ("md", "cpp", "hpp", "h", "so", "mjs", "toml", "sdp", "lua")
            if name.split(".")[0] in sections and name not in keys and not ends_like_a_file:
                complain(page, f"there is no configuration key {name}")


def check_commands(server):
    helped = subprocess.run([server.program, "--help"], capture_output=True, text=True).stdout
    commands = set(re.findall(r"^  (\w+(?: (?:new|list|revoke|add|set|remove|check|test|run|watch|show|reference|stubs|trace|reload))?)\b", helped, re.M))
    for page in PAGES:
        for words in set(re.findall(r"(?:`|^    (?:\S*/)?)viadux ((?:token|plugin|room|policy) \w+|[a-z]+)", page.read_text(), re.M)):
            if words not in commands:
                complain(page, f"there is no command 'viadux {words}'")


def check_examples(server, folder):
    """TOML blocks say in their first line which file they are; `viadux check` judges them."""
    for page in PAGES:
        for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.M | re.S)):
            place = folder / f"example-{page.stem}-{number}"
            (place / "organisations/demo").mkdir(parents=True)
            (place / "organisations/demo/organisation.toml").write_text('name = "Demo"\n')
            config = place / "viadux.toml"
            config.write_text("")
            if block.startswith("# viadux.toml"):
                config.write_text(block)
            else:
                (place / "organisations/demo/organisation.toml").write_text(block)
            judged = subprocess.run([server.program, "check", "--config", config, "--set",
                                     f"organisations.path={place}/organisations"], capture_output=True, text=True)
            if judged.returncode:
                complain(page, f"the TOML example {number + 1} is refused: {judged.stderr.strip()}")


def check_paths_and_links():
    for page in PAGES:
        text = page.read_text()
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
            if "://" not in target and not (page.parent / target).exists():
                complain(page, f"the link to {target} leads nowhere")
        for path in re.findall(r"`((?:core|plugins|conf|bench|tests|docs|\.ci)/[\w./-]+)`", text):
            if not (ROOT / path).exists():
                complain(page, f"there is no {path}")


def check_log_lines():
    """The messages that operating.md explains are in the sources."""
    page = ROOT / "docs/operating.md"
    for area, messages in re.findall(r"^\| `(\w+)`: ([^|]*)\|", page.read_text(), re.M):
        for message in re.findall(r"`([^`]+ [^`]+)`", messages):
            if subprocess.run(["grep", "-rqF", f'"{message}', "core", "plugins"], cwd=ROOT).returncode:
                complain(page, f"nothing logs '{message}'")


def check_unit():
    if not shutil.which("systemd-analyze"):
        return print("no systemd-analyze: the unit is not judged")
    unit = ROOT / "conf/systemd/viadux.service"
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", unit],
                            capture_output=True, text=True)
    level = re.search(r"Overall exposure level.*", judged.stdout + judged.stderr)
    if judged.returncode or not level:
        complain(unit, f"more exposed than 2.0: {level[0] if level else judged.stderr}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", type=Path, default=ROOT / "build")
    build = arguments.parse_args().build.resolve()
    folder = Path(tempfile.mkdtemp(prefix="viadux-docs-"))
    check_paths_and_links()
    check_log_lines()
    check_unit()
    server = Server(build, folder)
    try:
        try_whip(server)
        server.request("GET", "/api/client/v2/status")  # a series of it comes with use
        check_metrics(server)
        check_keys(server)
        check_commands(server)
        check_examples(server, folder)
    finally:
        server.stop()
    shutil.rmtree(folder)
    print("\n".join(wrong) if wrong else f"{len(PAGES)} pages are true")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
