//! Every SQL statement of imports.
mod filas;
mod importaciones;
mod lugares;

pub use filas::{agendas, bad_rows, borrar, claves, completados, deshacer, mascotas_nuevas, note, tocados};
pub use importaciones::{Filtro, advance, archive, change, find, insert, list, lock, restart, set_estado, which_mapping};
pub use lugares::{Lugares, lugares};
