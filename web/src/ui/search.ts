import { useEffect, useState } from "../../vendor/hooks.js";
import type { Found } from "../core/people.js";
import { useClient } from "./use.js";

const PAUSE_MS = 250;
const LEAST = 3;

/** People whose name begins so, a moment after the typing stops; none for what is too short. */
export function useSearch(text: string): readonly Found[] {
  const client = useClient();
  const [found, setFound] = useState<readonly Found[]>([]);
  const words = text.trim();
  useEffect(() => {
    setFound([]);
    if ([...words].length < LEAST) return;
    let wanted = true;
    const timer = setTimeout(() => {
      client.people.search(words).then(
        (people) => {
          if (wanted) setFound(people);
        },
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [words]);
  return found;
}
