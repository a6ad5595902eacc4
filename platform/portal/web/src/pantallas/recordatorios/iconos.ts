import { IconBrandWhatsapp, IconMail, IconMessage, type Icon } from '@tabler/icons-react';
import type { Medio } from '@/comun/OrdenDeMedios';

export const ICONO_MEDIO: Record<Medio, Icon> = { whatsapp: IconBrandWhatsapp, sms: IconMessage, correo: IconMail };
