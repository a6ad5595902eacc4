//! One binary for the whole API, so that everything links once.
mod catalogo;
mod citas;
mod conteo;
mod demostracion;
mod eventos;
mod historias;
mod idempotencia;
mod identidad;
mod maestra;
mod operaciones;
mod organizacion;
mod pacientes;
mod plataforma;
mod politica;
mod procesos;
mod revocacion;
mod servicio;
