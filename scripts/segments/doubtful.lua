-- Who may be nobody: an address lent for minutes, a number that cannot be called, a name typed to get past a form. They are kept, and looked at by a person.
segment "doubtful" { title = "Doubtful", who = lead { quality = { "disposable", "impossible_phone", "keyboard_noise" } } }
