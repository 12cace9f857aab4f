"""Configure Sphinx; `make docs` builds the documentation."""

from importlib import metadata
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

project = "pymoo-moss"
author = "The pymoo-moss authors"
copyright = author
release = metadata.version("pymoo-moss")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "paper.md"]  # the paper is in the format of JOSS
default_role = "py:obj"

html_theme = "furo"
html_title = f"pymoo-moss {release}"
html_static_path = ["static"]
html_css_files = ["wide.css"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_use_rtype = False
napoleon_use_ivar = True

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

# MathJax 3.2.2 with its fonts in one file below html_static_path, so that pages need no network.
mathjax_path = "mathjax/tex-svg.js"
# Its menu would load further components.
mathjax3_config = {"options": {"enableMenu": False}}

nb_execution_mode = "cache"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True


def resolve_by_last_name(
    app: Sphinx, environment: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Link a name in a docstring to the documented object whose qualified name ends with it."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip("~.")
    objects: dict[str, Any] = environment.domains["py"].objects  # type: ignore[attr-defined]
    found = [name for name in objects if name == target or name.endswith(f".{target}")]
    if not found:
        return None
    # Attributes of several classes may share a name; classes and functions take precedence.
    name = min(found, key=lambda name: (name.count("."), name))
    entry = objects[name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


def setup(app: Sphinx) -> None:
    """Register `resolve_by_last_name`; Sphinx calls this function."""
    app.connect("missing-reference", resolve_by_last_name)
