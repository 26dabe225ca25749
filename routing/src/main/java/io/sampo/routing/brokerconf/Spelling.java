package io.sampo.routing.brokerconf;

import java.util.Collection;
import java.util.TreeSet;

/** Guesses which name was meant by one that doesn't exist. */
public final class Spelling {
  private static final int CLOSE_ENOUGH = 4;

  private Spelling() {}

  /** " (did you mean x?)", or nothing when no known name is close enough. */
  public static String hint(String name, Collection<String> known) {
    String best = "";
    int bestDistance = CLOSE_ENOUGH;
    for (String candidate : new TreeSet<>(known)) {
      int distance = editDistance(name, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  /** How many letters must be put in, taken out or changed to make one text the other. */
  private static int editDistance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int above = row[j];
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], above) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[to.length()];
  }
}
