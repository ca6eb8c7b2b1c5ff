"""Reading what other systems export: service catalogues and past cases. Pure: files in, values and findings out."""
