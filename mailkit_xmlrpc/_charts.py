"""The plots of the report page: SVG by pygal, made fit for a page without scripts, in light and dark, for everybody.

Colours are the page's custom properties, so a plot follows the page's colours. Labels may be a stranger's: pygal writes
XML through a tree, which escapes them; here they only become printable, and short.
"""
import sys
import warnings
from importlib import import_module
from typing import Any, Dict

from ._output import visible

KINDS = ("hard", "soft", "block", "unknown")

_USELESS = ("script", "title", "desc")  # what shows numbers under the mouse, by script
_LABEL = 28  # characters of a label in a plot; the table beside it has the whole word


def bar_chart(
    name: str, title: str, description: str, table: Dict[str, Dict[str, int]], horizontal: bool = True
) -> str:
    """Return an SVG element: a bar for each label of *table* (label -> kind -> rows), stacked by kind.

    :param name: an id that is once on the page, of letters
    :param title: read to who cannot see the plot, with *description*
    """
    pygal = load_pygal()
    style = pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--faint)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        opacity="1",
        opacity_hover="1",
        transition="0s",
        font_family="system-ui, sans-serif",
        label_font_size=14,
        major_label_font_size=14,
        value_font_size=14,
        legend_font_size=15,
        no_data_font_size=20,
        colors=tuple("var(--{})".format(kind) for kind in KINDS),
    )
    config = dict(
        style=style,
        js=(),  # pygal's default loads a script from elsewhere
        show_legend=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=4,
        legend_box_size=14,
        width=720,
        height=max(220, 110 + 30 * len(table)) if horizontal else 360,
        margin=10,
        spacing=8,
        disable_xml_declaration=True,
        explicit_size=False,
        include_x_axis=True,
        formatter=_number,
        no_data_text="nothing to show",
        x_label_rotation=0 if horizontal or len(table) <= 6 else 35,
        x_labels_major_every=1 if horizontal else (len(table) + 11) // 12,  # so many labels of time have room
        show_minor_x_labels=horizontal,
    )
    chart = (pygal.HorizontalStackedBar if horizontal else pygal.StackedBar)(**config)
    labels = [_short(label) for label in table]
    kinds = list(table.values())
    if horizontal:  # pygal draws from the bottom up
        labels.reverse()
        kinds.reverse()
    chart.x_labels = labels
    for kind in KINDS:
        chart.add(kind, [row.get(kind, 0) or None for row in kinds])
    chart.uuid = name  # instead of a random one: the same rows make the same page
    chart.add_xml_filter(lambda root: _accessible(root, name, title, description))
    return str(chart.render(is_unicode=True))


def load_pygal() -> Any:
    """Import pygal, and take out the finder that it adds to the process's imports.

    It serves pygal's plug-ins only, and is of a kind that Python 3.10 and 3.11 warn of at every import.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)
        pygal = import_module("pygal")
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    return pygal


def _accessible(root: Any, name: str, title: str, description: str) -> Any:
    """Take the scripts and what only they use out of the tree; say what the plot is."""
    for parent in list(root.iter()):
        if parent is not root and "id" in parent.attrib:  # the same in every plot of the page
            del parent.attrib["id"]
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.split("}")[-1] in _USELESS:  # a comment's tag is no string
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-labelledby", "{0}-title {0}-desc".format(name))
    etree = import_module("pygal.etree").etree
    for tag, text in (("desc", description), ("title", title)):
        element = etree.Element("{http://www.w3.org/2000/svg}" + tag if root.tag.startswith("{") else tag)
        element.set("id", "{}-{}".format(name, tag))
        element.text = visible(text)
        root.insert(0, element)
    return root


def _short(label: str) -> str:
    label = visible(label)
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "\u2026"


def _number(value: Any) -> str:
    return "{:.0f}".format(value or 0)
