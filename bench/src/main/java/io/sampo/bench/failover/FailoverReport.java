package io.sampo.bench.failover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows what clients noticed, as the lines of a Markdown section. */
public final class FailoverReport {
  private static final int REASONS = 3;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final List<Episode> episodes;
  private final SendLog log;

  public FailoverReport(List<Episode> episodes, SendLog log) {
    this.episodes = List.copyOf(episodes);
    this.log = log;
  }

  /** Whether all targets are reached and nothing was lost. */
  public boolean isGood() {
    boolean reached = log.lost() == 0 && log.phantom() == 0;
    for (Fault fault : Fault.values()) {
      reached &= isReached(fault, Silences.ofFaults(of(fault), log));
    }
    return reached;
  }

  private static boolean isReached(Fault fault, Silences silences) {
    return silences.most() <= fault.silenceMillisMax()
        && !(fault.isPlanned() && silences.failed() > 0);
  }

  private List<Episode> of(Fault fault) {
    return episodes.stream().filter(episode -> episode.fault() == fault).toList();
  }

  /**
   * @param conditions what the figures were measured on and with, a line each
   */
  public String section(List<String> conditions) {
    List<String> lines = new ArrayList<>();
    conditions.forEach(condition -> lines.add("- " + condition));
    lines.add(
        "- %d sends acknowledged, %d given up by the client; acknowledged and lost: %d; delivered and never sent: %d"
            .formatted(log.acknowledged().size(), log.failed().size(), log.lost(), log.phantom()));
    lines.add("");
    lines.add(
        "| what happens to a leader | times | no send acknowledged, ms | target | reached |"
            + " until its log group has another, ms | nothing delivered, ms | sends given up |");
    lines.add("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |");
    for (Fault fault : Fault.values()) {
      List<Episode> same = of(fault);
      if (!same.isEmpty()) {
        Silences silences = Silences.ofFaults(same, log);
        lines.add(
            row(
                fault.title(),
                same.size(),
                silences,
                "≤ " + fault.silenceMillisMax(),
                isReached(fault, silences) ? "yes" : "no",
                Silences.spread(successions(same))));
      }
    }
    lines.add(
        row(
            "it comes back and leads again",
            episodes.size(),
            Silences.ofReturns(episodes, log),
            "–",
            "–",
            "–"));
    lines.add("");
    lines.add("Median / ninth decile / most of the longest silence of each.");
    reasons()
        .forEach((reason, count) -> lines.add("- given up, %d times: %s".formatted(count, reason)));
    return String.join("\n", lines) + "\n";
  }

  private static List<Long> successions(List<Episode> episodes) {
    return episodes.stream()
        .map(episode -> (episode.times().led() - episode.times().began()) / NANOS_PER_MILLI)
        .sorted()
        .toList();
  }

  private static String row(
      String what, int times, Silences silences, String target, String reached, String succession) {
    return "| %s | %d | %s | %s | %s | %s | %s | %d |"
        .formatted(
            what,
            times,
            Silences.spread(silences.ofSends()),
            target,
            reached,
            succession,
            Silences.spread(silences.ofDeliveries()),
            silences.failed());
  }

  /** The most frequent ones. */
  private Map<String, Long> reasons() {
    Map<String, Long> counts = new LinkedHashMap<>();
    log.failed().forEach(send -> counts.merge(send.reason(), 1L, Long::sum));
    Map<String, Long> most = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(REASONS)
        .forEach(entry -> most.put(entry.getKey(), entry.getValue()));
    return most;
  }
}
