import { afterEach, vi } from "vitest";

// Unit tests share their modules: timers that one test left faked would stop in all that follow.
afterEach(() => void vi.useRealTimers());
