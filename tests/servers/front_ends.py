"""nginx, Apache and squid: how each is configured here."""

import os
import subprocess
from pathlib import Path

from tests.servers.programs import LOOPBACK, Program, free_ports

_MODULES = "/usr/lib/apache2/modules"

#: How long a front end keeps an idle connection. When a script has died, some forget that the answer lacks its end and
#: wait for the next request. The client waits for the rest as long as that.
IDLE = "300ms"

NGINX = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log info;
events {{ worker_connections 512; }}
http {{
    log_format calls '$server_port $connection $ssl_protocol $ssl_session_reused $request_method $status';
    access_log {folder}/nginx-calls.log calls;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 10000;
    keepalive_timeout {idle};
    gzip_types text/xml application/json;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.pem;
    ssl_session_cache shared:calls:1m;
    ssl_client_certificate {folder}/authority.pem;
    {servers}
}}
"""
NGINX_SERVER = """
    server {{
        listen 127.0.0.1:{port} {listen};
        {lines}
        location / {{
            fastcgi_pass unix:{folder}/application;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param CONTENT_LENGTH $content_length;
        }}
        location /page {{ default_type text/html; return 200 '<!DOCTYPE html><html><p>Be back soon</p></html>'; }}
    }}
"""
#: name of a server of nginx -> (what follows its port, its lines)
NGINX_SERVERS = {
    "plain": ("", ""),
    "gzip": ("", "gzip on;"),
    "tls": ("ssl", "ssl_protocols TLSv1.2 TLSv1.3;"),
    "h2": ("ssl http2", ""),
    "long": ("ssl", "keepalive_timeout 60s;"),
    "few calls, TLS 1.2": ("ssl", "ssl_protocols TLSv1.2; keepalive_requests 5;"),
    "few calls, TLS 1.3": ("ssl", "ssl_protocols TLSv1.3; keepalive_requests 5;"),
    "certificate": ("ssl", "ssl_verify_client on;"),
}

APACHE = """\
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/apache-errors.log
{user}
{modules}
LogFormat "%p %{{c}}L %{{SSL_PROTOCOL}}x - %m %>s" calls
CustomLog {folder}/apache-calls.log calls
{listen}
FcgidIPCDir {folder}/fcgid
FcgidProcessTableFile {folder}/fcgid/table
FcgidInitialEnv MAILKIT_PLANS {folder}/plans
FcgidMaxProcesses 4
# Scripts die here more often than mod_fcgid thinks right: without these it lets calls wait.
FcgidSpawnScore 0
FcgidTerminationScore 0
KeepAliveTimeout {idle}
<Directory />
    Require all granted
    Options ExecCGI
</Directory>
AliasMatch "^/fcgid/[a-z]+\\.fcgi$" {script}
<Location /fcgid>
    SetHandler fcgid-script
</Location>
<Location /proxied>
    SetHandler "proxy:unix:{folder}/application|fcgi://localhost/"
</Location>
<VirtualHost 127.0.0.1:{gzip}>
    SetOutputFilter DEFLATE
</VirtualHost>
{hosts}
"""
APACHE_HOST = """\
<VirtualHost 127.0.0.1:{port}>
    SSLEngine on
    SSLProtocol -all +{protocol}
    SSLCertificateFile {folder}/server.pem
    SSLCACertificateFile {folder}/authority.pem
    SSLVerifyClient require
</VirtualHost>
"""
APACHE_MODULES = (
    "mpm_event", "authz_core", "alias", "filter", "deflate", "fcgid", "proxy", "proxy_fcgi", "socache_shmcb", "ssl",
)  # fmt: skip

SQUID = """\
http_port 127.0.0.1:{port}
pid_filename {folder}/squid.pid
access_log stdio:{folder}/squid-calls.log
cache_log {folder}/squid-errors.log
cache deny all
pinger_enable off
shutdown_lifetime 0 seconds
coredump_dir {folder}
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/passwords
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""


def nginx(folder):
    """nginx, and the ports of its servers by their names."""
    ports = dict(zip(NGINX_SERVERS, free_ports(len(NGINX_SERVERS))))
    servers = "".join(
        NGINX_SERVER.format(port=ports[name], listen=listen, lines=lines, folder=folder)
        for name, (listen, lines) in NGINX_SERVERS.items()
    )
    user = "user root;" if os.geteuid() == 0 else ""
    path = _written(folder, "nginx.conf", NGINX.format(folder=folder, user=user, servers=servers, idle=IDLE))
    arguments = ["nginx", "-p", folder, "-c", path, "-e", str(folder) + "/nginx-errors.log"]
    return Program(arguments, folder, ports.values()), ports


def apache(folder, script):
    """Apache, and the ports of its servers by their names."""
    names = ("plain", "gzip", "TLSv1.2", "TLSv1.3")
    ports = dict(zip(names, free_ports(len(names))))
    hosts = "".join(APACHE_HOST.format(port=ports[name], protocol=name, folder=folder) for name in names[2:])
    config = APACHE.format(
        folder=folder,
        script=script,
        idle=IDLE,
        gzip=ports["gzip"],
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
        modules="\n".join("LoadModule {0}_module {1}/mod_{0}.so".format(name, _MODULES) for name in APACHE_MODULES),
        listen="\n".join("Listen {}:{}".format(LOOPBACK, port) for port in ports.values()),
        hosts=hosts,
    )
    path = _written(folder, "apache.conf", config)
    return Program(["apache2", "-D", "FOREGROUND", "-d", folder, "-f", path], folder, ports.values()), ports


def squid(folder, user, password):
    """squid, which lets *user* with *password* through, and its port."""
    (port,) = free_ports(1)
    path = _written(folder, "squid.conf", SQUID.format(folder=folder, port=port))
    hashed = subprocess.check_output(["openssl", "passwd", "-apr1", password]).decode("ascii").strip()
    _written(folder, "passwords", "{}:{}\n".format(user, hashed))
    # A name of its own, for its shared memory is known by that.
    return Program(["squid", "-N", "-n", "mailkit{}".format(port), "-f", path], folder, [port]), port


def _written(folder, name, text):
    path = Path(str(folder)) / name
    path.write_text(text)
    return path
