"""The reporting system that forms are sent to: its regimes and windows, who sends and receives, measures, and the packet.

Forms and indicators stand in assets/reports, a file each; how a packet is sent, in resources/reporting.
"""
