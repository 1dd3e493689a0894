"""Imports a document by the official tool, without its questions."""
import sys

from caosadvancedtools.import_from_xml import import_xml

import_xml(sys.argv[1], interactive=False)
