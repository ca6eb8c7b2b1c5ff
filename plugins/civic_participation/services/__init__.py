"""The verbs of civic participation. They know no Flask: page, API, command line, job and test call the same ones."""
