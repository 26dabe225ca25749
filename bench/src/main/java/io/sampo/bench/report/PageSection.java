package io.sampo.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a Markdown page that is written by a program, between two marks; the text around them
 * is written by hand and stays.
 */
public final class PageSection {
  private final Path page;
  private final String begin;
  private final String end;

  /**
   * @param name of the part, as its marks say it
   */
  public PageSection(Path page, String name) {
    this.page = page;
    this.begin = "<!-- " + name + ": begin; bench/run writes what follows -->";
    this.end = "<!-- " + name + ": end -->";
  }

  /** Puts text in place of what is there. */
  public void write(String text) throws IOException {
    String all = Files.readString(page);
    int from = all.indexOf(begin);
    int to = all.indexOf(end);
    if (from < 0 || to < from) {
      throw new IOException(page + " lacks the marks " + begin + " and " + end);
    }
    Files.writeString(
        page, all.substring(0, from + begin.length()) + "\n\n" + text + "\n" + all.substring(to));
  }
}
