//! Problems of the Libro de Reclamaciones.
kernel::problems! {
    RECLAMO_RESPONDIDO = CONFLICT, "reclamo-respondido", "Ese reclamo ya se respondió y su hoja no se cambia";
}
