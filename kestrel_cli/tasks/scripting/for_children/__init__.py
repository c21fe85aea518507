"""Files that scripts import or require: data here, never imported by Kestrel itself."""
