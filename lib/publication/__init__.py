"""The open report: what the school publishes, and the one gate of disclosure control that every published figure passes.

snapshot → cells → disclosure → edition (frozen) → data, web page, PDF, and the public page of the app, which reads editions only.
"""
