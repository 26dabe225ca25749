package io.sampo.actors.filter;

import io.sampo.actors.group.Queue.EntryFilter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lets messages pass whose tag is one of several, by the hash of the tag: that is all the index
 * knows. Two tags may share a hash, so a message may pass that was not meant; the client looks
 * again. None is held back that was meant. Immutable, used by any thread.
 */
public final class TagFilter implements EntryFilter {
  private static final String ALL_TAGS = "*";
  private static final String TAG_TYPE = "TAG";
  private static final String SEPARATOR = "||";

  private final int[] sortedHashes;

  private TagFilter(int[] sortedHashes) {
    this.sortedHashes = sortedHashes;
  }

  /**
   * Makes a filter of what a client subscribed.
   *
   * @param type TAG, which is also meant by null and ""
   * @param expression tags joined by "||"; null, "" and "*" let everything pass
   * @throws BadFilterException when there is no such filter or the expression names no tag or too
   *     many
   */
  public static EntryFilter compile(
      @Nullable String type, @Nullable String expression, FilterSettings settings)
      throws BadFilterException {
    if (type != null && !type.isEmpty() && !type.equals(TAG_TYPE)) {
      throw new BadFilterException("filters of type " + shortened(type) + " are not supported");
    }
    if (expression == null || expression.isBlank() || expression.trim().equals(ALL_TAGS)) {
      return EntryFilter.ALL;
    }
    if (expression.length() > settings.expressionLengthMax()) {
      throw new BadFilterException(
          "the filter expression has "
              + expression.length()
              + " characters, the limit is "
              + settings.expressionLengthMax());
    }
    int[] hashes = hashesOf(expression, settings.tagsMax());
    if (hashes.length == 0) {
      throw new BadFilterException("the filter expression names no tag: " + shortened(expression));
    }
    return hashes.length == 1 ? only(hashes[0]) : new TagFilter(hashes);
  }

  @Override
  public boolean matches(int tagHash) {
    return Arrays.binarySearch(sortedHashes, tagHash) >= 0;
  }

  private static EntryFilter only(int hash) {
    return tagHash -> tagHash == hash;
  }

  private static int[] hashesOf(String expression, int tagsMax) throws BadFilterException {
    int[] hashes = new int[8];
    int count = 0;
    int from = 0;
    while (from <= expression.length()) {
      int separator = expression.indexOf(SEPARATOR, from);
      int end = separator < 0 ? expression.length() : separator;
      String tag = expression.substring(from, end).trim();
      if (!tag.isEmpty()) {
        if (count == tagsMax) {
          throw new BadFilterException(
              "the filter expression names more than " + tagsMax + " tags");
        }
        if (count == hashes.length) {
          hashes = Arrays.copyOf(hashes, count * 2);
        }
        hashes[count++] = tag.hashCode();
      }
      from = end + SEPARATOR.length();
    }
    return Arrays.stream(hashes, 0, count).sorted().distinct().toArray();
  }

  /** Enough of a client's text to recognise it, not enough to fill a log. */
  private static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "…";
  }
}
