"""The use case "begin": what somebody needs who has an empty directory."""
