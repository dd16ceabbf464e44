package dev.walnut.testkit;

/** What a name stands for. */
sealed interface Node permits StoredFile, StoredDirectory {}
