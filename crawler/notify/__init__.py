"""Events -> people: rules decide what goes where and when, channels carry it, the outbox forgets nothing.

config.py reads notify.toml; rules.py, alerts.py and rendering.py are pure; mail.py, webhook.py, feeds.py and
others.py deliver; sending.py brings them together.
"""
