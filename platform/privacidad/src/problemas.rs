//! Problems of the privacy desk.
kernel::problems! {
    SOLICITUD_CERRADA = CONFLICT, "solicitud-cerrada", "Esa solicitud ya no admite este paso";
    AMPLIACION_IMPOSIBLE = CONFLICT, "ampliacion-imposible", "El plazo de esa solicitud no se puede ampliar";
    SIN_EXPEDIENTE = CONFLICT, "sin-expediente", "Esa solicitud no tiene un expediente entregado";
    INCIDENTE_CERRADO = CONFLICT, "incidente-cerrado", "Ese incidente ya no admite este paso";
    CONSERVACION_SIN_ENSAYO = CONFLICT, "conservacion-sin-ensayo", "Antes de activar una regla se ensaya";
}
