#!/usr/bin/python3
"""More of the smoke set of faults, with fixed seeds: wires, disks, clocks, descriptors, and what people write. The oracle judges behind each.
Those that take minutes (a black hole, no database for a minute, a million rows) only run in etc/soak.sh."""
import random

import faults
import faults_room
import faults_wire
from nurture import run_tests


def in_a(kind, *met, seed=1):
    with faults.field_of(kind, seed=seed) as field:
        if not field:
            print(f"skip  {kind}: this machine cannot have {faults.KINDS[kind]}")
            return
        field.show = False
        for number, fault in enumerate(met):
            fault(field, random.Random(seed + number))


def test_wires_to_the_database_and_to_the_mail_server_that_are_cut_anywhere():
    in_a("wired", faults_wire.fault_database_wire, faults_wire.fault_mail_wire)


def test_a_full_disk_under_the_database_and_one_under_the_log():
    in_a("small", faults_room.fault_disk_full, faults_room.fault_log_full)


def test_an_outbox_that_is_full_and_one_that_becomes_read_only():
    in_a("maildir", faults_room.fault_outbox_full, faults_room.fault_outbox_read_only)


def test_a_clock_that_jumps():
    in_a("timed", faults_room.fault_clock, faults_room.fault_clock, seed=2)


def test_descriptors_that_run_out_configurations_and_playbooks_that_are_broken_and_imports_that_are_killed():
    in_a("private", faults_room.fault_descriptors, faults_room.fault_broken_configuration, faults_room.fault_publishing,
         lambda field, random: faults_room.fault_import(field, random, rows=3000))


def test_a_transaction_that_stays_open():
    in_a("private", faults_wire.fault_open_transaction)


if __name__ == "__main__":
    run_tests(globals())
