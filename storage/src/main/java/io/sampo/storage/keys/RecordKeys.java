package io.sampo.storage.keys;

import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The keys of a stored record: the id that its producer gave it (UNIQ_KEY), and each of its KEYS,
 * which one space separates. Reads the properties in place and allocates nothing, since it runs for
 * every record of a segment. Stateless.
 *
 * <p>Of one record at most {@value #KEYS_MAX} keys are found again; so the keys of a segment take
 * no more room than the segment, whatever clients make up.
 */
final class RecordKeys {
  /** The most keys of one record that are indexed. */
  static final int KEYS_MAX = 64;

  private static final int HASH_START = 0x811c9dc5; // FNV-1a, 32 bits
  private static final int HASH_PRIME = 0x01000193;
  private static final byte NAME_END = 1;
  private static final byte PAIR_END = 2;
  private static final byte[] KEYS = ascii(MessageProperties.KEYS);
  private static final byte[] UNIQUE_KEY = ascii(MessageProperties.UNIQUE_KEY);

  private RecordKeys() {}

  /** Told the hash of each key. */
  interface HashVisitor {
    void hash(int hash);
  }

  /** The hash of a key of a topic. */
  static int hash(byte[] topic, byte[] key) {
    int hash = HASH_START;
    for (byte b : topic) {
      hash = with(hash, b);
    }
    hash = with(hash, (byte) '#');
    for (byte b : key) {
      hash = with(hash, b);
    }
    return mixed(hash);
  }

  /** Tells the hashes of all keys of the whole record at a place. */
  static void forEachHash(ByteBuffer segment, int recordAt, HashVisitor visitor) {
    int at = MessageRecord.propertiesIndex(segment, recordAt);
    int limit = recordAt + MessageRecord.totalSize(segment, recordAt);
    int topicHash = 0;
    boolean topicHashed = false;
    int left = KEYS_MAX;
    while (at < limit && left > 0) {
      int nameEnd = at;
      int pairEnd = indexOf(segment, PAIR_END, at, limit);
      boolean unique = startsWith(segment, at, pairEnd, UNIQUE_KEY);
      if (unique || startsWith(segment, at, pairEnd, KEYS)) {
        nameEnd += unique ? UNIQUE_KEY.length : KEYS.length;
        if (!topicHashed) {
          topicHash = hashOfTopic(segment, recordAt);
          topicHashed = true;
        }
        left -= hashValue(segment, nameEnd + 1, pairEnd, unique, topicHash, left, visitor);
      }
      at = pairEnd + 1;
    }
  }

  private static int hashValue(
      ByteBuffer segment,
      int from,
      int end,
      boolean whole,
      int topicHash,
      int max,
      HashVisitor visitor) {
    int told = 0;
    int hash = topicHash;
    int start = from;
    for (int i = from; i <= end && told < max; i++) {
      byte b = i < end ? segment.get(i) : (byte) ' ';
      if (i == end || (b == ' ' && !whole)) {
        if (i > start) {
          visitor.hash(mixed(hash));
          told++;
        }
        hash = topicHash;
        start = i + 1;
      } else {
        hash = with(hash, b);
      }
    }
    return told;
  }

  /** Tells whether a record is one that is looked for, by the texts themselves. */
  static boolean matches(ByteBuffer segment, int recordAt, byte[] topic, KeyQuery query) {
    if (!isTopic(segment, recordAt, topic)) {
      return false;
    }
    ByteBuffer properties = MessageRecord.properties(segment, recordAt);
    if (query.key().equals(MessageProperties.find(properties, MessageProperties.UNIQUE_KEY))) {
      return true;
    }
    if (query.uniqueOnly()) {
      return false;
    }
    String keys = MessageProperties.find(properties, MessageProperties.KEYS);
    return keys != null && (" " + keys + " ").contains(" " + query.key() + " ");
  }

  private static boolean isTopic(ByteBuffer segment, int recordAt, byte[] topic) {
    int at = MessageRecord.topicIndex(segment, recordAt);
    if (MessageRecord.topicSize(segment, recordAt) != topic.length) {
      return false;
    }
    for (int i = 0; i < topic.length; i++) {
      if (segment.get(at + i) != topic[i]) {
        return false;
      }
    }
    return true;
  }

  private static int hashOfTopic(ByteBuffer segment, int recordAt) {
    int at = MessageRecord.topicIndex(segment, recordAt);
    int end = at + MessageRecord.topicSize(segment, recordAt);
    int hash = HASH_START;
    for (int i = at; i < end; i++) {
      hash = with(hash, segment.get(i));
    }
    return with(hash, (byte) '#');
  }

  /** True for the name, followed by its end and a value. */
  private static boolean startsWith(ByteBuffer bytes, int from, int end, byte[] name) {
    if (end - from < name.length + 2 || bytes.get(from + name.length) != NAME_END) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (bytes.get(from + i) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static int indexOf(ByteBuffer bytes, byte wanted, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes.get(i) == wanted) {
        return i;
      }
    }
    return end;
  }

  private static int with(int hash, byte b) {
    return (hash ^ (b & 0xff)) * HASH_PRIME;
  }

  private static int mixed(int hash) {
    int h = hash ^ (hash >>> 16);
    h *= 0x85ebca6b;
    h ^= h >>> 13;
    h *= 0xc2b2ae35;
    return h ^ (h >>> 16);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
