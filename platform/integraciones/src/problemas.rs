//! Problems of integrations.
kernel::problems! {
    DEMASIADOS_WEBHOOKS = CONFLICT, "demasiados-webhooks", "La cadena ya tiene el máximo de webhooks";
    ENTREGA_EN_CURSO = CONFLICT, "entrega-en-curso", "La entrega todavía está en curso";
    WEBHOOK_EN_PAUSA = CONFLICT, "webhook-en-pausa", "El webhook está en pausa";
}
