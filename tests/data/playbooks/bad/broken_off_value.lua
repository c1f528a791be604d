local boundary =
--> 3: the file ends here in the middle of something: the rest of it is missing.
