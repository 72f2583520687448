"""The lab: question sets, sweeps over budgets, strategies and models, and what they show."""
