package io.sampo.routing.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/** What the management port's own routes answer. Pure functions; any thread. */
final class JsonResponse {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonResponse() {}

  static HttpResponse of(int status, Object content) {
    try {
      return HttpResponse.create()
          .withStatus(StatusCodes.get(status))
          .withEntity(ContentTypes.APPLICATION_JSON, JSON.writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON of " + content, e);
    }
  }

  /** Says what is wrong. */
  static HttpResponse error(int status, String reason) {
    return of(status, Map.of("error", reason));
  }
}
