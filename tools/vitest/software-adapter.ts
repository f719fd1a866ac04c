import { requireTestAdapter } from '@dla/software-gpu';

await requireTestAdapter();
