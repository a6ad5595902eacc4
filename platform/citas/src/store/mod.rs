//! Every SQL statement about appointments and plans. Row-level security adds chain and sedes.
mod agenda;
mod autoreservas;
mod bloqueos;
pub mod calendario;
mod citas;
mod contexto;
mod esperas;
mod faltas;
mod feriados;
pub mod hoy;
mod importar;
mod listas;
mod marco;
mod mascotas;
mod ofertas;
pub mod paleta;
mod plan;
pub mod publica;
mod retenciones;
mod series;
mod sesiones;
mod tiempos;
mod traslados;
mod turnos;
mod visitas;

pub use agenda::{Alcance, Recinto, ambitos_de_ocupacion, citas_del_dia, oferta, recintos};
pub use autoreservas::{
    NuevaAutoreserva, ReservaContada, anotar_contada, apartar, autoreserva, autoreserva_de_enlace, bloquear_palabra, contada,
    contar_mudanza, de_red, en_uso, guardar_autoreserva, hecha, insert_autoreserva, nombre_de_cadena, pedida, reserva_contada,
    resolver_autoreserva, sedes_con_autoreserva, sedes_publicas, solicitudes,
};
pub use bloqueos::{bloqueo, bloqueos, delete_bloqueo, insert_bloqueo, lock_sede, recursos_de_sede};
pub use citas::{Lugar, bloquear, conflictos, find, insert, lock, mover, save_estado, save_motivo, slot, soltar_vencidas};
pub use contexto::{Contexto, Deseo, calentar, contexto};
pub use esperas::{
    Filtro as FiltroEsperas, Suerte, ajustes_espera, alguien_espera, bloquear_lista, candidatas, espera, esperas_de_fallecida,
    existen_en_espera, guardar_ajustes_espera, insert_espera, listar as esperas, lock_espera, save_preferencia, save_suerte,
};
pub use faltas::{ajustes, anotar_falta, conducta, faltas, hay_tutor, hold_ajustes, put_ajustes, quitar_falta};
pub use feriados::{
    delete_feriado, feriado_de_la_plataforma, feriado_propio, feriados, guardar_feriado, insert_feriado, lock_feriado, sedes_en,
    sedes_que_cierran, upsert_feriados,
};
pub use importar::{agendas, bloquear_entre_sedes, importar, medicos, recuento};
pub use listas::{EntradaCita, Filtro, historial, listar, por_reasignar};
pub use marco::Marcos;
pub use mascotas::{FALLECIO, anular_de_fallecida, de_mascota, devolver, pasar, por_venir, que_chocan};
pub use ofertas::{OfertaContada, Resuelta, Trabajo, anotar_donde_esperan, insert_oferta, oferta_contada, oferta_de_enlace, resolver};
pub use plan::*;
pub use retenciones::{confirmar, lock_retencion, retencion, retenciones, soltar};
pub use series::{conflictos_de_varios, de_la_serie, insert_serie, soltar_vencidas_de_varios};
pub use sesiones::{Pedida, Sesion, abrir_sesion, codigos_desde, insert_pedida, intentar, ligar, lock_sesion, olvidar_codigos};
pub use tiempos::tiempos;
pub use traslados::{guardar_traslado, traslado, traslados};
pub use turnos::{asignados, delete_asignado, delete_turno, guardar_turno, insert_asignado, insert_turno, lock_turno, nombres, turnos};
pub use visitas::{
    borrar_visita, esperando, guardar_visita, insert_visita, lock_visita, lock_visita_libre, mudar_visita, referencias, sala, visita,
    visita_de,
};
