"""Adapters of outside services, one file per provider; SDKs are imported only here, lazily."""
