"""National and ministry forms: which indicators, by which law, over which window, due when. One file a form.

Facts only: how a figure is computed stands in assets/reports, how it is sent in resources/reporting/client.py.
"""
