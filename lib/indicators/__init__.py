"""The indicators: one module a direction, one function an indicator; relations they share; and the one place that divides."""
