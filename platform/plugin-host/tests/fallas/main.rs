//! Plugins that mean harm, or are broken, against the real host: compiled by `huella-compilar`, sealed, loaded and
//! called. What they must not reach is really there.
mod cerrado;
mod codigo;
mod frontera;
mod limites;
mod mundo;
mod red;
mod vecinos;
mod vistas;
