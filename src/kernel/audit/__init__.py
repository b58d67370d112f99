"""The audit trail that both applications have: events, their chain of seals, who acts, exports."""
