"""The account as the environment tells it."""

import os
import re
from typing import Any, Dict, Mapping

from ..exceptions import WHERE_IT_IS, ConfigurationError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import shown_path
from .addresses import parsed_url
from .settings import Settings, certificates

_MAX_FILE = 1024  # characters of a file that holds client_md5; more is another file


def with_environment(options: Mapping[str, object], environment: Mapping[str, str]) -> Dict[str, Any]:
    """The client's arguments: *options*, and what *environment* says of the others.

    :raises ConfigurationError: there is no such option; a variable is missing or cannot be used
    """
    given = dict(options)
    unknown = sorted(set(given) - set(Settings._fields))
    if unknown:
        raise ConfigurationError("there is no option {}".format(unknown[0]))
    if "client_id" not in given:
        text = environment.get("MAILKIT_CLIENT_ID", "")
        if not re.fullmatch("[0-9]{1,19}", text):
            raise ConfigurationError("MAILKIT_CLIENT_ID must be set to a positive integer" + WHERE_IT_IS)
        given["client_id"] = int(text)
    if "client_md5" not in given:
        given["client_md5"] = _md5_of(environment)
    if "url" not in given and environment.get("MAILKIT_URL"):
        given["url"] = environment["MAILKIT_URL"]
        parsed_url(given["url"], "MAILKIT_URL")
    if "ca_file" not in given and given.get("ssl_context") is None and environment.get("MAILKIT_CA_FILE"):
        given["ca_file"] = certificates(environment["MAILKIT_CA_FILE"], None, "MAILKIT_CA_FILE")
    return given


def _md5_of(environment: Mapping[str, str]) -> str:
    md5, path = environment.get("MAILKIT_CLIENT_MD5", ""), environment.get("MAILKIT_CLIENT_MD5_FILE", "")
    if md5 and path:
        raise ConfigurationError("MAILKIT_CLIENT_MD5 and MAILKIT_CLIENT_MD5_FILE are both set; set one of them")
    if not md5 and not path:
        raise ConfigurationError("MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE must be set" + WHERE_IT_IS)
    return md5 or content_of(path, "MAILKIT_CLIENT_MD5_FILE")


def content_of(path: str, named_by: str) -> str:
    """The text of the small file at *path*, bare of blanks around it.

    :param named_by: the variable or the option that names the file, for the error
    :raises ConfigurationError: the file cannot be read, or is another one
    """
    problem = "is too long to be it" if os.path.isfile(path) else "is no file"
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(_MAX_FILE + 1)
        if len(text) <= _MAX_FILE:
            return text.strip()
    except OSError as error:
        if raised_by_caller(error):
            raise
        problem = "cannot be read: {}".format(error.strerror or type(error).__name__)
    except ValueError as error:
        if raised_by_caller(error):
            raise
        problem = "is not text"
    raise ConfigurationError("the file of {}{} {}".format(named_by, shown_path(path), problem))
