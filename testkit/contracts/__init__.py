"""What everybody's own adapters must do: the suites that ours pass, to be run on others.

    store      StoreContract and check_store: a store
    cluster    ClusterContract and check_cluster: the nodes and their names
    bus        BusContract and check_bus: what carries the nodes' batches, leases and views
    store_*    the parts of the store's: logs, pages, lists, accounts, ...
    cases      runs a suite outside of pytest's collection
    hands      makes entries, accounts and rows; appends, and waits

Inherit a contract in a test class and give its fixture, or call the check with what makes one.
"""
