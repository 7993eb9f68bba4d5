"""GitHub behind the few verbs that the bot needs. Every verb is safe to repeat: doing it twice does it once."""
