package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A picture of the ratios: for each series a bar for messages a second and one for the server's CPU
 * time per message, both as multiples of RocketMQ's, on a logarithmic scale around 1.
 */
final class RatioChart {
  private static final int LABEL_WIDTH = 170;
  private static final int PLOT_WIDTH = 520;
  private static final int BAR_HEIGHT = 9;
  private static final int ROW_HEIGHT = 30;
  private static final int TOP = 58;
  private static final double FURTHEST = 8;
  private static final double[] LINES = {0.125, 0.25, 0.5, 1, 2, 4, 8};

  private RatioChart() {}

  static void write(Path file, List<Comparison> comparisons) throws IOException {
    int height = TOP + ROW_HEIGHT * comparisons.size() + 12;
    int width = LABEL_WIDTH + PLOT_WIDTH + 60;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            + "font-family=\"sans-serif\" font-size=\"12\">%n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
        width,
        height);
    legend(svg);
    for (double line : LINES) {
      double x = x(line);
      add(
          svg,
          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\"/>%n"
              + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s×</text>%n",
          x,
          x,
          TOP - 8,
          height - 8,
          line == 1 ? "#333" : "#ddd",
          x,
          TOP - 13,
          Figures.number(line).replaceAll("\\.?0+$", ""));
    }
    for (int i = 0; i < comparisons.size(); i++) {
      row(svg, comparisons.get(i), TOP + i * ROW_HEIGHT);
    }
    svg.append("</svg>\n");
    Files.write(file, svg.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void legend(StringBuilder svg) {
    add(
        svg,
        "<text x=\"10\" y=\"20\" font-weight=\"bold\">Sampo as a multiple of RocketMQ</text>%n"
            + "<rect x=\"260\" y=\"11\" width=\"10\" height=\"10\" fill=\"#1f77b4\"/>%n"
            + "<text x=\"275\" y=\"20\">messages/s (more is better)</text>%n"
            + "<rect x=\"450\" y=\"11\" width=\"10\" height=\"10\" fill=\"#e07b39\"/>%n"
            + "<text x=\"465\" y=\"20\">server CPU per message (less is better)</text>%n");
  }

  private static void row(StringBuilder svg, Comparison comparison, int y) {
    Trial.Series series = comparison.series();
    add(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s, %s%s</text>%n",
        LABEL_WIDTH - 8,
        y + BAR_HEIGHT + 4,
        series.workload(),
        series.flush(),
        series.client().equals("official") ? "" : ", own client");
    bar(svg, comparison.ratio(Figure.MESSAGES_PER_SECOND), y, "#1f77b4");
    bar(
        svg,
        comparison.ratio(Figure.SERVER_CPU_SECONDS_PER_MILLION),
        y + BAR_HEIGHT + 1,
        "#e07b39");
  }

  private static void bar(StringBuilder svg, Spread ratio, int y, String color) {
    if (ratio.isEmpty() || ratio.median() <= 0) {
      return;
    }
    double end = x(ratio.median());
    double one = x(1);
    add(
        svg,
        "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n"
            + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" font-size=\"10\">%s</text>%n",
        Math.min(one, end),
        y,
        Math.max(1, Math.abs(end - one)),
        BAR_HEIGHT,
        color,
        end < one ? end - 3 : end + 3,
        y + BAR_HEIGHT,
        end < one ? "end" : "start",
        Figures.ratio(ratio));
  }

  private static double x(double ratio) {
    double clipped = Math.max(1 / FURTHEST, Math.min(FURTHEST, ratio));
    double share = (Math.log(clipped) + Math.log(FURTHEST)) / (2 * Math.log(FURTHEST));
    return LABEL_WIDTH + share * PLOT_WIDTH;
  }

  @SuppressWarnings("AnnotateFormatMethod") // it is private and used above alone
  private static void add(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }
}
