package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult;

/**
 * One run of one load against one server.
 *
 * @param series what it belongs to
 * @param server its name
 * @param round which of the alternating rounds, from 1
 */
public record Trial(Series series, String server, int round, LoadResult result) {

  /**
   * What trials have in common that are compared with each other.
   *
   * @param workload its name
   * @param flush "async" or "sync"
   * @param client "official" or "sampo"
   */
  public record Series(String workload, String flush, String client) {
    @Override
    public String toString() {
      return workload + " (" + flush + " flush, " + client + " client)";
    }
  }
}
