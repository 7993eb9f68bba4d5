"""The text of an issue becomes a `Spec`; what it leaves open becomes questions."""
