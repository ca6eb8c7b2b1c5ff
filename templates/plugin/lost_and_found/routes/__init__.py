"""The doors: they parse, guard, call and render; every rule is a service's."""
