/** Draws for programs that show no SVG, as most chat rooms. */
export interface Pictures {
  /**
   * Resolves with a PNG of twice the SVG's own size. The SVG is ours: nothing is loaded for it, and its letters are
   * drawn with a font that comes along. Rejects with a fault when it is no SVG. Safe to call twice.
   */
  png(svg: string): Promise<Uint8Array>;
}
