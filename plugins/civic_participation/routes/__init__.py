"""The doors of civic participation: pages and API. They parse, guard, call and render; every rule is a service's."""
