// Episodes that the browser keeps until they are downloaded.

/**
 * An episode as it is kept: what is needed to play it again.
 *
 * @typedef {object} KeptEpisode
 * @property {string} id
 * @property {string} world - its id
 * @property {string} fingerprint - of its rules
 * @property {number} seed
 * @property {number[][]} actions
 * @property {string[]} players - who played each agent
 * @property {number} score
 * @property {boolean} isOver
 * @property {boolean} isDownloaded
 * @property {number} startedAt - milliseconds since 1970
 */

const NAME = "cogrid";
const STORE = "episodes";

/** The browser's own store; where there is none, nothing is kept, and everything else works. */
export class Storage {
  constructor() {
    /** @private @type {Promise<IDBDatabase | null>} */
    this.opened = open();
    /** @private @type {KeptEpisode | null} */
    this.next = null;
    /** @private @type {Promise<void> | null} */
    this.writing = null;
  }

  /**
   * Keep an episode as it is now; of several that come fast the last one is written.
   *
   * @param {KeptEpisode} episode
   * @returns {Promise<void>}
   */
  put(episode) {
    this.next = episode;
    this.writing ??= this.write().finally(() => (this.writing = null));
    return this.writing;
  }

  /** @private */
  async write() {
    while (this.next) {
      const episode = this.next;
      this.next = null;
      await this.ask("readwrite", (store) => store.put(episode));
    }
  }

  /** All episodes, the newest first. @returns {Promise<KeptEpisode[]>} */
  async list() {
    const found = (await this.ask("readonly", (store) => store.getAll())) ?? [];
    return found.sort(
      (/** @type {KeptEpisode} */ one, /** @type {KeptEpisode} */ other) => other.startedAt - one.startedAt,
    );
  }

  /** @param {string} id */
  async remove(id) {
    await this.ask("readwrite", (store) => store.delete(id));
  }

  /**
   * @private
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest} request
   * @returns {Promise<any>}
   */
  async ask(mode, request) {
    const database = await this.opened;
    if (!database) return null;
    return new Promise((resolve) => {
      const asked = request(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(null);
    });
  }
}

/** @returns {Promise<IDBDatabase | null>} */
function open() {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(null);
    } catch {
      resolve(null); // Some browsers forbid it in private windows.
    }
  });
}
