"""The whole cycle of monitoring, played: plan, collect, check, analyse, decide, document, measure again."""
