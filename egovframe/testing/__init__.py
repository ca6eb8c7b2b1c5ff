"""For tests of the core and of any plugin: a pytest plugin, factories, a clock, contract tests."""
