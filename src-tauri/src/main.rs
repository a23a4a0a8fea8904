//! The window's program.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    keepsake_desktop::run();
}
