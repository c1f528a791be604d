--@ templates/call/web-lead.md
# Some other question
--> playbook.lua:28: script "web-lead": templates/call/web-lead.md has no heading for question "timing".
